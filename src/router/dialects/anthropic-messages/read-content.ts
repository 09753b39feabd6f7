// Reads the content blocks of the Messages dialect. Blocks of tools that the provider runs, and documents that are no text, are
// needs; what a model thought before is of use to that model only.
import type { JsonObject } from '../../http/read-body.js';
import { isJsonObject } from '../../http/read-body.js';
import type { ContentPart, Part } from '../conversation.js';
import { imageOfUrl } from '../images.js';
import type { Losses } from '../losses.js';
import { flagOf, nameOf, objectsOf, refuse } from '../members.js';
import { publishedType } from '../published-types.js';

export class MessagesContent {
  readonly #losses: Losses;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  block(block: JsonObject, at: string): Part[] {
    const type = nameOf(block, 'type', at);
    if (type === 'tool_use') {
      if ((block['cache_control'] ?? null) !== null) this.#losses.hint('cache_control');
      const input = block['input'] ?? {};
      if (!isJsonObject(input)) return refuse(`${at}.input`, 'an object');
      return [{ kind: 'tool-call', id: nameOf(block, 'id', at), name: nameOf(block, 'name', at), arguments: JSON.stringify(input) }];
    }
    if (type === 'tool_result') return [this.#toolResult(block, at)];
    return this.#content(block, type, at);
  }

  #toolResult(block: JsonObject, at: string): Part {
    if ((block['cache_control'] ?? null) !== null) this.#losses.hint('cache_control');
    const inner = block['content'] ?? null;
    const content =
      inner === null || typeof inner === 'string'
        ? textsOf(inner)
        : objectsOf(inner, `${at}.content`).flatMap((each, index) => {
            const where = `${at}.content[${index}]`;
            return this.#content(each, nameOf(each, 'type', where), where);
          });
    return { kind: 'tool-result', callId: nameOf(block, 'tool_use_id', at), content, failed: flagOf(block, 'is_error') === true };
  }

  #content(block: JsonObject, type: string, at: string): ContentPart[] {
    if ((block['cache_control'] ?? null) !== null) this.#losses.hint('cache_control');
    switch (type) {
      case 'text':
        return typeof block['text'] === 'string' ? textsOf(block['text']) : refuse(`${at}.text`, 'a string');
      case 'image':
        return this.#image(block['source'], `${at}.source`);
      case 'document':
        return this.#document(block);
      case 'thinking':
      case 'redacted_thinking':
        this.#losses.hint(`messages.${type}`);
        return [];
      default:
        this.#losses.need(`messages.${publishedType(type)}`);
        return [];
    }
  }

  #image(source: unknown, at: string): ContentPart[] {
    if (!isJsonObject(source)) return refuse(at, 'an object');
    const type = nameOf(source, 'type', at);
    if (type === 'url') return [imageOfUrl(source['url'], `${at}.url`)];
    if (type === 'base64') {
      const mediaType = nameOf(source, 'media_type', at).toLowerCase();
      if (!/^image\/[\w.+-]{1,60}$/.test(mediaType)) return refuse(`${at}.media_type`, 'the media type of an image');
      return [{ kind: 'image', mediaType, base64: nameOf(source, 'data', at), detail: null }];
    }
    this.#losses.needKeptImage(`messages.image.${publishedType(type)}`);
    return [];
  }

  /** A document of plain text is text under a title. */
  #document({ source, title }: JsonObject): ContentPart[] {
    if (isJsonObject(source) && source['type'] === 'text' && typeof source['data'] === 'string')
      return textsOf(typeof title === 'string' && title !== '' ? `${title}\n\n${source['data']}` : source['data']);
    this.#losses.need('messages.document');
    return [];
  }
}

export function messagesContentOf(reader: MessagesContent, content: unknown, at: string): Part[] {
  if (content === null || typeof content === 'string') return textsOf(content);
  if (!Array.isArray(content)) return refuse(at, 'a string or an array of blocks');
  return objectsOf(content, at).flatMap((block, index) => reader.block(block, `${at}[${index}]`));
}

function textsOf(text: string | null): ContentPart[] {
  return text === null || text === '' ? [] : [{ kind: 'text', text }];
}
