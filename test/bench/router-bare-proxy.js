// The least that a gateway in Node can do: parse what is asked, ask the provider for it, parse what it answers, pass it on.
// Usage: router-bare-proxy.js PROVIDER_PORT; prints its own port.
import { Agent, request as ask, createServer } from 'node:http';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1024 });

const whole = (stream, use) => {
  const parts = [];
  stream.on('data', (part) => parts.push(part));
  stream.on('end', () => use(Buffer.concat(parts)));
};

const server = createServer((request, response) => {
  whole(request, (bytes) => {
    const body = JSON.parse(bytes.toString('utf8'));
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const upstream = ask({ host: '127.0.0.1', port, path: request.url, method: 'POST', agent, headers }, (answer) => {
      if (body.stream === true) {
        response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] });
        answer.pipe(response);
        return;
      }
      whole(answer, (answered) => {
        const sent = JSON.stringify(JSON.parse(answered.toString('utf8')));
        response.writeHead(answer.statusCode, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) });
        response.end(sent);
      });
    });
    upstream.on('error', () => response.destroy());
    upstream.end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
