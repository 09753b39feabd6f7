// The scripted provider as a program of its own: `upstream-program PORT PORT_FILE`. Writes its port once it listens; ends on SIGTERM or SIGINT.
import { renameSync, writeFileSync } from 'node:fs';
import { startScriptedUpstream } from './scripted-upstream.js';

const [, , port = '0', portFile] = process.argv;
const upstream = await startScriptedUpstream({ port: Number(port) });
if (portFile !== undefined) {
  writeFileSync(`${portFile}.new`, `${upstream.port}\n`);
  renameSync(`${portFile}.new`, portFile);
}
process.stdout.write(`scripted upstream on ${upstream.url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void upstream.stop());
