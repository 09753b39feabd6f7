// A provider told to fetch an image or a file becomes a way into its network; the config must allow it.
import type { Ask } from '../dialects/conversation.js';
import { GatewayError } from '../gateway-error.js';
import { isJsonObject } from '../http/read-body.js';

export function refuseRemoteImages(ask: Ask, allowed: boolean): void {
  if (allowed) return;
  const remote = ask.turns.some(({ parts }) =>
    parts.some(
      (part) => part.kind === 'remote-image' || (part.kind === 'tool-result' && part.content.some(({ kind }) => kind === 'remote-image')),
    ),
  );
  // What only one dialect can say is not read into turns; it may still name an address.
  if (remote || (ask.nativeOnly.length > 0 && namesAddress(ask.body['messages'] ?? ask.body['input'])))
    throw new GatewayError('remote-image-refused', 'images and files are taken from the request only: send a data URL or a base64 block');
}

function namesAddress(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesAddress);
  // The arguments of a call are the model's words, and nobody fetches what they name.
  if (!isJsonObject(value) || value['type'] === 'tool_use') return false;
  const { image_url: image, file_url: file, source } = value;
  const places = [
    file,
    isJsonObject(image) ? image['url'] : image,
    isJsonObject(source) && source['type'] === 'url' ? source['url'] : null,
  ];
  return places.some((place) => typeof place === 'string' && !place.startsWith('data:')) || Object.values(value).some(namesAddress);
}
