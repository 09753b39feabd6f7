// Every key that a schema knows, as a page writes it: `a.b`, `<name>` for names that are free, `[]` for the items of a list.
import { z } from 'zod';

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
}

export function schemaKeys(schema: z.ZodType): string[] {
  return keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node, '');
}

function keysOf(node: Node, path: string): string[] {
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([name, inner]) => keysOf(inner, path === '' ? name : `${path}.${name}`));
  const free = node.additionalProperties;
  if (typeof free === 'object' && (free.properties !== undefined || typeof free.additionalProperties === 'object'))
    return keysOf(free, `${path}.<name>`);
  if (node.items?.properties !== undefined) return keysOf(node.items, `${path}[]`);
  return [path];
}
