// What a test says and hears, and what each of the three spellings of it must be able to do. Written from the published formats,
// beside the provider and the router, not with their code.

export interface SpokenTurn {
  readonly user?: string;
  readonly picture?: string;
  /** A call that the assistant made, with what it brought. */
  readonly call?: { readonly id: string; readonly name: string; readonly result: string };
  readonly assistant?: string;
}

export interface Spoken {
  readonly model?: string;
  readonly turns: readonly SpokenTurn[];
  readonly stream?: boolean;
  readonly cap?: number;
  readonly stops?: readonly string[];
  readonly schema?: object;
  readonly marksCache?: boolean;
  /** Name to JSON Schema. */
  readonly tools?: Readonly<Record<string, object>>;
  readonly parallel?: false;
  readonly choice?: 'required' | 'none';
}

export interface Heard {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[];
  readonly stop: string;
  readonly usage: { input: number; output: number; cached: number; reasoning: number; cost: number | null } | null;
  /** Types of the stream's events in order, a repeated one once; empty for a plain answer. */
  readonly events: readonly string[];
}

/** A document of any of the three formats. */
export interface Json {
  readonly [name: string]: unknown;
}
/** The token counts of all three formats; which members are there depends on the format. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly cache_read_input_tokens: number;
  readonly cost?: number;
}
export interface Spelling {
  readonly name: string;
  readonly path: string;
  readonly minimal: Json;
  body(spoken: Spoken): Json;
  /** Of a plain answer. */
  hear(answer: Json): Heard;
  hearStream(events: readonly Json[]): Heard;
}

export const tokens = (input = 0, output = 0, cached = 0, reasoning = 0, cost: number | null = null) => ({
  input,
  output,
  cached,
  reasoning,
  cost,
});
export const distinct = (names: readonly string[]): string[] => names.filter((name, at) => name !== names[at - 1]);
/** Texts in one; what is no text is left out. */
export const joined = (parts: readonly unknown[]): string => parts.map((part) => (typeof part === 'string' ? part : '')).join('');

export function withPicture(text: string, base64: string | undefined, image: (url: string) => object, textType = 'text'): unknown {
  return base64 === undefined ? text : [{ type: textType, text }, image(`data:image/png;base64,${base64}`)];
}
