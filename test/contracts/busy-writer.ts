// A process that writes rows into a usage database 200 times a second, as a router under load does, until it is ended.
import { spawn } from 'node:child_process';

const script = `
const Database = require('better-sqlite3');
const db = new Database(process.argv[1]);
db.pragma('journal_mode = WAL');
db.pragma('busy_timeout = 5000');
db.exec('CREATE TABLE IF NOT EXISTS request_usage (id INTEGER PRIMARY KEY, request_id TEXT UNIQUE, created_at TEXT, total_tokens INTEGER, note BLOB)');
const insert = db.prepare('INSERT INTO request_usage (request_id, created_at, total_tokens, note) VALUES (?, ?, ?, ?)');
let n = 0;
const write = () => { n += 1; insert.run(process.pid + '-' + n, new Date().toISOString() + '#' + String(n).padStart(9, '0'), n, Buffer.alloc(300, n)); };
for (let i = 0; i < 500; i += 1) write();
process.stdout.write('writing');
setInterval(write, 5);
`;

export async function startBusyWriter(path: string): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', script, path], { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((done, failed) => {
    child.stdout.once('data', () => done());
    child.once('exit', (code, signal) => failed(new Error(`the writer ended with ${signal ?? code} before its first rows`)));
  });
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
