import { expect, test } from 'vitest';
import { editorSchema, type SchemaName } from '../../src/app/playbook-schema.js';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { playbookShelf } from '../../src/cli/playbook-shelf.js';
import { textOf } from './bound-playbook.js';

test.each<SchemaName>(['playbook', 'config', 'profile'])(
  'the shipped %s schema is what this code makes (renew: routerctl playbook schema --for NAME)',
  async (name) => {
    const schema = await editorSchema(playbookShelf('/'), name, await loadCatalogue());

    expect(JSON.parse(textOf(`playbooks/schema/${name}.schema.json`))).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);

test('the playbook schema offers every kind with its own settings', async () => {
  const catalogue = await loadCatalogue();
  const text = JSON.stringify(await editorSchema(playbookShelf('/'), 'playbook', catalogue));

  for (const kind of [...catalogue.checks.keys(), ...catalogue.changes.keys()]) expect(text).toContain(`{"const":"${kind}"}`);
});
