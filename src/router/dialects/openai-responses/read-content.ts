// Reads what messages and tool results of the Responses dialect contain: a string, or parts of text and images.
import type { JsonObject } from '../../http/read-body.js';
import type { ContentPart } from '../conversation.js';
import { imageOfUrl } from '../images.js';
import type { Losses } from '../losses.js';
import { nameOf, refuse } from '../members.js';
import { openAiContent } from '../openai-content.js';
import { publishedType } from '../published-types.js';

export function responsesContentOf(content: unknown, at: string, losses: Losses): ContentPart[] {
  return openAiContent(content, at, (part, place) => partOf(part, place, losses));
}

function partOf(part: JsonObject, at: string, losses: Losses): ContentPart[] {
  const type = nameOf(part, 'type', at);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'refusal': {
      const text = part[type === 'refusal' ? 'refusal' : 'text'];
      return typeof text === 'string' ? [{ kind: 'text', text }] : refuse(`${at}.text`, 'a string');
    }
    case 'input_image': {
      const { image_url: url, file_id: file, detail } = part;
      if ((url ?? null) !== null) return [imageOfUrl(url, `${at}.image_url`, detail)];
      if (typeof file !== 'string') return refuse(`${at}.image_url`, 'a base64 data URL of an image, or a URL');
      losses.needKeptImage('input_image.file_id');
      return [];
    }
    default:
      losses.need(`input.${publishedType(type)}`);
      return [];
  }
}
