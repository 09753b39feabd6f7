// Which product answers at a URL, told by the endpoints that only it has: asked without a token, so that it costs nothing and gives
// nothing away. The first contact and every smoke of a bare URL begin with it.
import type { Json } from '../core/json.js';
import type { HttpAnswer } from '../core/ports/http.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { type PlaybookShelf, shippedNames } from './playbook-shelf.js';

const limitMs = 5000;

export interface RecognisedProduct {
  /** As a person calls it. */
  readonly product: string;
  readonly version: string | null;
  /** Shipped profiles that fit, best first; the last one is always shipped. */
  readonly profiles: readonly [string, ...string[]];
  /** What gave it away. */
  readonly how: string;
}

/** null where nothing answers like a router. */
export async function recogniseProduct(url: string, ports: ReadPorts): Promise<RecognisedProduct | null> {
  const base = url.replace(/\/+$/, '');
  const ask = async (path: string): Promise<Answer | null> => {
    const answer = await ports.http.request({ method: 'GET', url: base + path, timeoutMs: limitMs });
    return answer.kind === 'answer' ? { status: answer.status, json: jsonOf(answer) } : null;
  };
  const [version, ready, live, readiness, models] = await Promise.all(
    ['/version', '/readyz', '/health/liveliness', '/health/readiness', '/v1/models'].map(ask),
  );
  return stamped(version, ready) ?? litellm(live, readiness) ?? anyRouter(models);
}

/** The shipped profile that fits best; nothing but the OpenAI API where the product is not known. */
export async function profileFor(shelf: PlaybookShelf, recognised: RecognisedProduct | null): Promise<string> {
  const shipped = await shippedNames(shelf, 'profiles');
  return recognised?.profiles.find((name) => shipped.includes(name)) ?? 'openai-compatible';
}

interface Answer {
  readonly status: number;
  readonly json: Json | null;
}

type Asked = Answer | null | undefined;

const isOk = (answer: Asked): boolean => answer?.status === 200;

/** The conventions of smart-llmrouter, which the reference router shares. */
function stamped(version: Asked, ready: Asked): RecognisedProduct | null {
  const said = text(version?.json, 'version');
  // One that is not ready says so with 503, in JSON as well.
  const tellsReadiness = [200, 503].includes(ready?.status ?? 0) && (ready?.json ?? null) !== null;
  if (!isOk(version) || said === null || !tellsReadiness) return null;
  const named = text(version?.json, 'product');
  const isSmart = text(version?.json, 'license_compile_mode') !== null;
  const product = named ?? (isSmart ? 'smart-llmrouter' : 'a router with the endpoints of smart-llmrouter');
  const own = /^[a-z0-9][a-z0-9-]*$/.test(product) && product !== 'reference-router' ? [product] : [];
  const [first = 'reference-router', ...rest] = [...own, 'reference-router'];
  return { product, version: said, profiles: [first, ...rest], how: 'its /version and /readyz' };
}

function litellm(live: Asked, readiness: Asked): RecognisedProduct | null {
  const said = live?.json;
  const version = text(readiness?.json, 'litellm_version');
  const isAlive = isOk(live) && typeof said === 'string' && said.startsWith("I'm alive");
  if (!isAlive && version === null) return null;
  return {
    product: 'LiteLLM',
    version,
    profiles: ['litellm', 'openai-compatible'],
    how: isAlive ? '/health/liveliness' : '/health/readiness',
  };
}

/** A list of models, or a refusal in JSON that asks for a token first. */
function anyRouter(models: Asked): RecognisedProduct | null {
  const isList = isOk(models) && Array.isArray(member(models?.json, 'data'));
  const isClosed = [401, 403].includes(models?.status ?? 0) && member(models?.json, 'error') !== null;
  if (!isList && !isClosed) return null;
  const how = isList ? '/v1/models lists models' : `/v1/models asks for a token (${models?.status ?? 0})`;
  return { product: 'an OpenAI-compatible router', version: null, profiles: ['openai-compatible'], how };
}

function jsonOf({ body }: HttpAnswer): Json | null {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return null;
  }
}

function text(value: Json | null | undefined, name: string): string | null {
  const found = member(value, name);
  return typeof found === 'string' && found !== '' ? found : null;
}

function member(value: Json | null | undefined, name: string): Json | null {
  if (value === null || value === undefined || typeof value !== 'object' || Array.isArray(value)) return null;
  return (value as Readonly<Record<string, Json>>)[name] ?? null;
}
