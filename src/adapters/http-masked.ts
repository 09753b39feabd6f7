// Answers with our own secrets taken out at the door: a router that throws a token back at us hands it to no check, so that nobody
// can cut it in two, store half of it, and get it past the masks further on.
import type { Http, HttpAnswer, HttpStream, Unreachable } from '../core/ports/http.js';
import type { Redactor } from '../core/redaction.js';

export function httpMasked(http: Http, redactor: Redactor): Http {
  const clean = (text: string): string => (redactor.scan(text).length === 0 ? text : redactor.mask(text));
  const cleanHeaders = (headers: HttpAnswer['headers']): HttpAnswer['headers'] =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [clean(name), clean(value)]));
  const cleaned = <Answer extends HttpAnswer | HttpStream | Unreachable>(answer: Answer): Answer =>
    answer.kind === 'unreachable'
      ? { ...answer, message: clean(answer.message) }
      : { ...answer, headers: cleanHeaders(answer.headers), body: clean(answer.body) };
  return {
    request: async (request) => cleaned(await http.request(request)),
    async stream(request) {
      const answer = cleaned(await http.stream(request));
      if (answer.kind === 'unreachable') return answer;
      const events = answer.events.map((event) => ({
        ...event,
        event: event.event === null ? null : clean(event.event),
        data: clean(event.data),
      }));
      return { ...answer, events };
    },
  };
}
