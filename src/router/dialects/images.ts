// Images as the dialects carry them: data URLs on one side, media type and base64 on the other.
import { GatewayError } from '../gateway-error.js';
import type { ImagePart, RemoteImagePart } from './conversation.js';

/** @throws GatewayError `invalid-request` for what is neither a data URL of an image nor an http(s) URL */
export function imageOfUrl(url: unknown, member: string, detail: unknown = null): ImagePart | RemoteImagePart {
  const wanted = typeof detail === 'string' ? detail : null;
  if (typeof url !== 'string') throw new GatewayError('invalid-request', `"${member}" must be a string`);
  if (/^https?:\/\//i.test(url)) return { kind: 'remote-image', url, detail: wanted };
  // A data URL may be megabytes long; only its head is matched by a pattern.
  const comma = url.indexOf(',');
  const head = /^data:(image\/[\w.+-]+);base64$/i.exec(url.slice(0, Math.max(0, comma)).slice(0, 100));
  if (head?.[1] === undefined) throw new GatewayError('invalid-request', `"${member}" must be a base64 data URL of an image, or a URL`);
  return { kind: 'image', mediaType: head[1].toLowerCase(), base64: url.slice(comma + 1), detail: wanted };
}

export function urlOfImage(image: ImagePart | RemoteImagePart): string {
  return image.kind === 'image' ? `data:${image.mediaType};base64,${image.base64}` : image.url;
}
