// What the router of a target says about itself before it is asked for anything that costs: which version, how many models.
import type { Json } from '../core/json.js';
import type { ReadPorts } from '../core/ports/ports.js';
import type { Profile } from '../core/profile.js';
import type { Target } from '../core/target.js';

const limitMs = 5000;

export interface Surroundings {
  readonly version: string | null;
  readonly models: readonly string[] | null;
}

/** Null where the router says nothing, or cannot be asked. */
export async function lookAround(target: Target, profile: Profile, ports: ReadPorts): Promise<Surroundings> {
  const component = Object.values(target.components).find(({ url }) => url !== undefined);
  if (component?.url === undefined) return { version: null, models: null };
  const base = component.url.replace(/\/+$/, '');
  const { caller } = component.credentials;
  const headers = caller === undefined ? {} : { authorization: `Bearer ${await ports.secrets.read(caller)}` };
  const { version: versionPath, models: modelsPath } = profile.paths;
  const [version, models] = await Promise.all([
    versionPath === undefined ? null : json(base + versionPath, {}, ports),
    modelsPath === undefined ? null : json(base + modelsPath, headers, ports),
  ]);
  const said = member(version, profile.version?.version ?? 'version');
  return { version: typeof said === 'string' ? said : null, models: idsOf(member(models, 'data')) };
}

function idsOf(list: Json | null): readonly string[] | null {
  if (!Array.isArray(list)) return null;
  return (list as readonly Json[]).map((model) => member(model, 'id')).filter((id): id is string => typeof id === 'string');
}

async function json(url: string, headers: Readonly<Record<string, string>>, ports: ReadPorts): Promise<Json | null> {
  const answer = await ports.http.request({ method: 'GET', url, headers, timeoutMs: limitMs });
  if (answer.kind !== 'answer' || answer.status !== 200) return null;
  try {
    return JSON.parse(answer.body) as Json;
  } catch {
    return null;
  }
}

function member(value: Json | null, name: string): Json | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return (value as Readonly<Record<string, Json>>)[name] ?? null;
}
