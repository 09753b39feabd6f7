// The JSON Schemas that editors read, made from the same specs that the reader uses, so that they cannot disagree.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import { configSchema, playbookSchema, profileSchema } from '../playbook/schema.js';
import { type PlaybookShelf, shippedNames } from './playbook-shelf.js';

export type SchemaName = 'playbook' | 'config' | 'profile';

export async function editorSchema(shelf: PlaybookShelf, name: SchemaName, catalogue: Catalogue): Promise<Json> {
  if (name === 'config') return configSchema(await shippedNames(shelf, 'profiles'));
  if (name === 'profile') return profileSchema();
  return playbookSchema(catalogue, await shippedNames(shelf, 'suites'));
}
