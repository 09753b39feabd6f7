// The files of undici that the router uses, each with the type that the package gives it: its first file loads much that a gateway
// never needs, which every start of the router would wait for.
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';

  export = Agent;
}
declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';

  export = errors;
}
declare module 'undici/lib/api/api-request.js' {
  import { Dispatcher } from 'undici';

  /** Asks by the dispatcher that is `this`. */
  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export = request;
}
