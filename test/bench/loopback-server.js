// A router for the bench to ask: ready at once, in a process of its own, so that it does not share the asker's processor time.
import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"status":"ready"}');
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
