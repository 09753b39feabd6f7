// The HTTP port on undici's dispatcher: no redirects, no retries, no decompression, one pool of kept-alive connections each.
// undici is loaded with the first request, so that commands that ask nothing do not pay for it.
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { createRequire } from 'node:module';
import type { Agent } from 'undici';
import { RouterctlError } from '../core/errors.js';
import type { Http, HttpRequest } from '../core/ports/http.js';
import { Exchange, type Exchanged } from './http-exchange.js';
import { isRefusedAddress } from './refused-addresses.js';

const maxHeaderBytes = 16 * 1024;
const connectTimeoutMs = 10_000;

export interface ClosableHttp extends Http {
  /** Ends kept-alive connections; calls still under way settle as `aborted`. */
  close(): Promise<void>;
}

export function httpUndici(): ClosableHttp {
  let agent: Agent | null = null;
  const exchange = async (request: HttpRequest, wantsEvents: boolean): Promise<Exchanged> => {
    const url = checkedUrl(request.url);
    agent ??= newAgent();
    const dispatcher = agent;
    return new Promise((resolve) => {
      if (request.signal?.aborted === true) return resolve(abortedBefore);
      const headers = { 'user-agent': 'routerctl', ...request.headers, 'accept-encoding': 'identity' };
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers,
          body: request.body ?? null,
          headersTimeout: request.timeoutMs,
          bodyTimeout: request.timeoutMs,
        },
        new Exchange(request, wantsEvents, resolve),
      );
    });
  };
  return {
    async request(request) {
      const { status, headers, body, ended, failure, firstByteMs, totalMs } = await exchange(request, false);
      if (failure !== null) return failure;
      return { kind: 'answer', status, headers, body, truncated: ended === 'limit', firstByteMs, totalMs };
    },
    async stream(request) {
      const { status, headers, body, decoder, ended, failure, firstByteMs, totalMs } = await exchange(request, true);
      if (failure !== null && status === 0) return failure;
      return { kind: 'stream', status, headers, events: decoder?.events ?? [], ended, body, firstByteMs, totalMs };
    },
    async close() {
      const open = agent;
      agent = null;
      await open?.destroy();
    },
  };
}

const abortedBefore: Exchanged = {
  status: 0,
  headers: {},
  body: '',
  decoder: null,
  ended: 'aborted',
  failure: { kind: 'unreachable', reason: 'aborted', message: 'stopped before the request was sent' },
  firstByteMs: 0,
  totalMs: 0,
};

const load = createRequire(import.meta.url);

/** The dispatcher alone: the whole package brings fetch, web sockets and caches, which take three times as long to load. */
function newAgent(): Agent {
  const Constructor = load('undici/lib/dispatcher/agent.js') as typeof Agent;
  // Certificates are verified even where NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
  const connect = { timeout: connectTimeoutMs, rejectUnauthorized: true, lookup: guardedLookup };
  return new Constructor({ maxHeaderSize: maxHeaderBytes, connect });
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function checkedUrl(text: string): URL {
  const url = parsed(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RouterctlError('URL_REFUSED', 'the URL is not an http or https URL', {
      hint: 'Write it whole, for example http://127.0.0.1:8080',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new RouterctlError('URL_REFUSED', `the URL of ${url.host} carries a user name or password`, {
      hint: 'Name the credential by reference (env:NAME or file:path) instead; a URL is printed and stored.',
    });
  }
  if (isRefusedAddress(url.hostname)) {
    throw new RouterctlError('URL_REFUSED', `${url.hostname} is a link-local or metadata address, which is never asked`);
  }
  return url;
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

function guardedLookup(host: string, options: LookupOptions, done: LookupDone): void {
  systemLookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '');
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isRefusedAddress(address))) {
      return done(Object.assign(new Error('address refused'), { code: 'ADDRESS_REFUSED' }), '');
    }
    if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  });
}
