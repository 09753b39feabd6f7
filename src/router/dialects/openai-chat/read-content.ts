// Reads what messages of the chat dialect contain. Parts that only a chat provider understands, such as files and audio, are
// needs; everything else becomes text and images.
import { isJsonObject, type JsonObject } from '../../http/read-body.js';
import type { ContentPart } from '../conversation.js';
import { imageOfUrl } from '../images.js';
import type { Losses } from '../losses.js';
import { nameOf, refuse } from '../members.js';
import { openAiContent } from '../openai-content.js';
import { publishedType } from '../published-types.js';

export function chatContentOf(content: unknown, at: string, losses: Losses): ContentPart[] {
  return openAiContent(content, at, (part, place) => partOf(part, place, losses));
}

function partOf(part: JsonObject, at: string, losses: Losses): ContentPart[] {
  const type = nameOf(part, 'type', at);
  if ((part['cache_control'] ?? null) !== null) losses.hint('cache_control');
  if (type === 'text' || type === 'refusal') {
    const text = part[type];
    return typeof text === 'string' ? [{ kind: 'text', text }] : refuse(`${at}.${type}`, 'a string');
  }
  if (type === 'image_url') {
    const image = part['image_url'];
    const { url, detail } = isJsonObject(image) ? image : { url: image, detail: null };
    return [imageOfUrl(url, `${at}.image_url.url`, detail)];
  }
  losses.need(`messages.${publishedType(type)}`);
  return [];
}
