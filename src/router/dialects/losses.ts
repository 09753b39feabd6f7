// What would be lost of an ask if a target of another dialect answered it. Collected while a body is read, so that nothing is
// left out silently: needs decide who may be asked, hints are told to the caller. Names of members only, never values.
import type { JsonObject } from '../http/read-body.js';
import type { Ask, DialectName, ToolChoice } from './conversation.js';

/** The lists travel in headers and error bodies; a body with thousands of strange members must not fill them. */
const longest = 32;

export class Losses {
  readonly #dialect: DialectName;
  readonly #needs = new Set<string>();
  readonly #hosted = new Set<string>();
  readonly #hints = new Set<string>();
  #keptImage = false;

  constructor(dialect: DialectName) {
    this.#dialect = dialect;
  }

  /** Losing this would change the answer. */
  need(...members: readonly string[]): void {
    for (const member of members) this.#needs.add(`${this.#dialect}:${printable(member)}`);
  }

  /** An image that the provider keeps, named by its id. */
  needKeptImage(member: string): void {
    this.need(member);
    this.#keptImage = true;
  }

  /** A tool must be called, and none is there that another dialect could offer: what was meant, only the caller's own provider can say. */
  needChoice(choice: ToolChoice, tools: Ask['tools']): void {
    if (tools.length === 0 && choice !== 'auto' && choice !== 'none') this.need('tool_choice');
  }

  /** A tool that the provider itself runs or defines. */
  host(...types: readonly string[]): void {
    for (const type of types) this.#hosted.add(printable(type));
  }

  /** Without this the answer is still the one that was asked for. */
  hint(...members: readonly string[]): void {
    for (const member of members) this.#hints.add(printable(member));
  }

  /** Members that nobody here knows are hints: clients grow new ones every week, and the caller is told. */
  hintUnknown(body: JsonObject, known: ReadonlySet<string>): void {
    for (const [member, value] of Object.entries(body)) if (value !== null && !known.has(member)) this.hint(member);
  }

  lists(): Pick<Ask, 'nativeOnly' | 'keptImage' | 'hostedTools' | 'advisory'> {
    return {
      nativeOnly: bounded(this.#needs),
      keptImage: this.#keptImage,
      hostedTools: bounded(this.#hosted),
      advisory: bounded(this.#hints),
    };
  }
}

function printable(name: string): string {
  return /^[\w.[\]: -]{1,64}$/.test(name) ? name : 'unknown';
}

function bounded(names: ReadonlySet<string>): readonly string[] {
  return names.size <= longest ? [...names] : [...[...names].slice(0, longest), 'more'];
}
