// The floor under a thousand checks: undici alone asks URL (first argument) COUNT times, CONCURRENCY at once.
import { Agent, request } from 'undici';

const [url, count, concurrency] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const dispatcher = new Agent();
// Both sides are measured warm: loading undici and connecting is part of a start, not of a check.
await (await request(url, { dispatcher })).body.text();
const began = process.hrtime.bigint();
const used = process.cpuUsage();
let sent = 0;
const worker = async () => {
  while (sent < count) {
    sent += 1;
    const { statusCode, body } = await request(url, { dispatcher });
    await body.text();
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  }
};
await Promise.all(Array.from({ length: concurrency }, worker));
const tookMs = Number(process.hrtime.bigint() - began) / 1e6;
const { user, system } = process.cpuUsage(used);
await dispatcher.destroy();
process.stdout.write(JSON.stringify({ tookMs, cpuMs: (user + system) / 1000 }));
