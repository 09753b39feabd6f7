// A provider for the router's bench, as fast as Node can be one: a fixed chat completion, or a stream of as many pieces, as far
// apart, as the model's name says (`stream-<pieces>-<milliseconds>`).
import { createServer } from 'node:http';

const completion = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'bench',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The answer of the bench is always this one.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 10, total_tokens: 22 },
});
const chunk = (delta, finish) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const end = `${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench', choices: [], usage: { prompt_tokens: 12, completion_tokens: 10, total_tokens: 22 } })}\n\ndata: [DONE]\n\n`;

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const stream = /"model":"stream-(\d+)-(\d+)"/.exec(Buffer.concat(parts).toString('latin1'));
    if (stream === null) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': completion.length });
      response.end(completion);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = Number(stream[1]);
    const send = () => {
      if (response.destroyed) return;
      if (left === 0) {
        response.end(end);
        return;
      }
      left -= 1;
      response.write(chunk({ content: 'piece ' }, null));
      if (Number(stream[2]) === 0) setImmediate(send);
      else setTimeout(send, Number(stream[2]));
    };
    send();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
