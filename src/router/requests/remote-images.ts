// A provider told to fetch an image becomes a way into its network; the config must allow it.
import type { Ask } from '../dialects/conversation.js';
import { GatewayError } from '../gateway-error.js';

export function refuseRemoteImages(ask: Ask, allowed: boolean): void {
  if (allowed) return;
  const remote = ask.turns.some(({ parts }) =>
    parts.some(
      (part) => part.kind === 'remote-image' || (part.kind === 'tool-result' && part.content.some(({ kind }) => kind === 'remote-image')),
    ),
  );
  if (remote) throw new GatewayError('remote-image-refused', 'images are taken from the request only: send a data URL or a base64 block');
}
