// Opens many streams at once and measures each one's first piece. Usage: router-streams.js PORT PATH STREAMS HEADERS_JSON BODY;
// prints as JSON how many ended with their terminal marker and how long the first piece took.
import { Agent, request } from 'node:http';

const [, , port, path, streams, headersJson, body] = process.argv;
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...JSON.parse(headersJson) };

const one = () =>
  new Promise((resolve) => {
    const startedMs = performance.now();
    const asked = request({ host: '127.0.0.1', port: Number(port), path, method: 'POST', agent, headers }, (answer) => {
      let firstMs = null;
      let tail = '';
      answer.setEncoding('latin1');
      answer.on('data', (part) => {
        firstMs ??= performance.now() - startedMs;
        tail = (tail + part).slice(-64);
      });
      answer.on('close', () => resolve({ whole: tail.includes('data: [DONE]'), firstMs }));
    });
    asked.on('error', () => resolve({ whole: false, firstMs: null }));
    asked.end(body);
  });

const results = await Promise.all(Array.from({ length: Number(streams) }, one));
const first = results.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs])).sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ whole: results.filter(({ whole }) => whole).length, firstP50Ms: first[first.length >> 1] ?? null }));
