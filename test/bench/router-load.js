// Asks one address as fast as it answers over a number of connections, each with one request at a time, on bare sockets so that
// the asker costs little. Usage: router-load.js PORT PATH CONNECTIONS SECONDS HEADERS_JSON BODY; prints what was seen as JSON.
import { connect } from 'node:net';

const [, , port, path, connections, seconds, headersJson, body] = process.argv;
const headers = Object.entries({ host: '127.0.0.1', 'content-type': 'application/json', ...JSON.parse(headersJson) })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');
const message = Buffer.from(`POST ${path} HTTP/1.1\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const endMs = performance.now() + Number(seconds) * 1000;
const latencies = [];
const statuses = {};
let open = 0;

function drive() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  open += 1;
  let text = '';
  let sentMs = 0;
  const send = () => {
    text = '';
    sentMs = performance.now();
    socket.write(message);
  };
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('data', (part) => {
    text += part;
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /content-length: (\d+)/i.exec(text.slice(0, head));
    const whole = length === null ? text.endsWith('0\r\n\r\n') : text.length >= head + 4 + Number(length[1]);
    if (!whole) return;
    const status = text.slice(9, 12);
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.push(performance.now() - sentMs);
    if (performance.now() < endMs) send();
    else socket.end();
  });
  const gone = () => {
    open -= 1;
    if (open === 0) report();
  };
  socket.on('error', () => {
    statuses.error = (statuses.error ?? 0) + 1;
  });
  socket.on('close', gone);
}

function report() {
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null;
  process.stdout.write(
    JSON.stringify({
      requests: latencies.length,
      perSecond: latencies.length / Number(seconds),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      statuses,
    }),
  );
}

for (let index = 0; index < Number(connections); index += 1) drive();
