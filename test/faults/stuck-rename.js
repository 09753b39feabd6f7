// Loaded into the real program with `node --import`: the renaming of one file never comes back, heeds no signal and goes on acting,
// as a file system does that hangs. Which file, and where the acting shows, is in the environment.
import { appendFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { STUCK_FILE: file, STUCK_TRACE: trace } = process.env;
const { rename } = promises;
promises.rename = (from, to) => {
  if (to !== file) return rename(from, to);
  setInterval(() => appendFileSync(trace, `${process.pid}\n`), 20);
  return new Promise(() => undefined);
};
syncBuiltinESMExports();
