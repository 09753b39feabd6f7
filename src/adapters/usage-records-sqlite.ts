// The usage table of a router whose database is a SQLite file of this machine.
import { RouterctlError } from '../core/errors.js';
import type { Cell } from '../core/ports/databases.js';
import type { UsageRecords } from '../core/ports/usage-records.js';
import { statOrNull } from './durable-file.js';
import { asCell, columnsOf, quoted, readOnly } from './sqlite-work.js';

export function usageRecordsSqlite(): UsageRecords {
  return {
    each: async (path, { table, columns, time, from }, visit) => {
      if ((await statOrNull(path)) === null)
        throw new RouterctlError('DATABASE_MISSING', `the database ${path} does not exist`, {
          hint: 'name another one with --db, or check the path under `databases` in routerctl.yaml',
        });
      return readOnly(path, (database) => {
        const known = new Set(columnsOf(database, table).map(({ name }) => name));
        if (!known.has(time))
          throw new RouterctlError(
            'DATABASE_DAMAGED',
            `the database ${path} has no ${known.size === 0 ? `table ${table}` : `column ${table}.${time}`}`,
            {
              hint: 'is it the usage database of a router? name another one with --db',
            },
          );
        const picked = columns.map((name) => (known.has(name) ? quoted(name) : 'NULL')).join(', ');
        const rows = database
          .prepare<unknown[], readonly unknown[]>(`SELECT ${picked} FROM ${quoted(table)} WHERE ${quoted(time)} >= ?`)
          .raw()
          .iterate(from);
        for (const row of rows) visit(row.map((value): Cell => asCell(value)));
        return columns.filter((name) => !known.has(name));
      });
    },
  };
}
