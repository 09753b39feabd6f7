// Pictures as the dialects spell them: data URLs, or bytes in base64 with their media type.
import type { Picture } from './asked.js';
import { UpstreamRefusal } from './upstream-refusal.js';

const mediaTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** @throws UpstreamRefusal for what is neither a data URL of a known kind nor an address */
export function pictureOfUrl(url: unknown): Picture {
  if (typeof url !== 'string') throw new UpstreamRefusal('a picture lacks its address');
  if (/^https?:\/\//.test(url)) return { mediaType: 'remote', base64: '' };
  const comma = url.indexOf(',');
  const mediaType = /^data:([a-z/+.-]+);base64$/.exec(url.slice(0, comma))?.[1];
  if (mediaType === undefined) throw new UpstreamRefusal('a picture is neither a base64 data URL nor an http address');
  return pictureOfBytes(mediaType, url.slice(comma + 1));
}

/** @throws UpstreamRefusal for a kind that no provider takes, or what is no base64 */
export function pictureOfBytes(mediaType: unknown, base64: unknown): Picture {
  if (typeof mediaType !== 'string' || !mediaTypes.includes(mediaType))
    throw new UpstreamRefusal('a picture is of a kind that is not taken');
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new UpstreamRefusal('a picture is no valid base64');
  return { mediaType, base64 };
}
