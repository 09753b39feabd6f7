// A compose project: what its files come to, and the one act of making that so. Everything that runs is told by the engine, not by this.
import type { EngineAddress } from './containers.js';

export interface ComposeProject {
  readonly engine: EngineAddress;
  readonly directory: string;
  /** Later ones override earlier ones; absolute. */
  readonly files: readonly string[];
  /** null: as compose names it. */
  readonly name: string | null;
  /** Where its variables are; null for none. The operator's own environment never counts. */
  readonly environmentFile: string | null;
}

export interface ComposeService {
  /** With every variable resolved. */
  readonly image: string | null;
  readonly hasHealthCheck: boolean;
  /** Its container is made once and is meant to end: no restart, and others wait for it to complete. */
  readonly isOneShot: boolean;
  /** What compose gives it to stop before it is killed. */
  readonly stopGraceMs: number;
  /** Ports of the host, as `address:port/protocol`. */
  readonly ports: readonly string[];
}

export interface ResolvedProject {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
}

export interface ComposeTool {
  /** argv that begins every call. */
  readonly command: readonly string[];
  readonly version: string;
  readonly major: number;
}

export interface ComposeReads {
  readonly host: string;
  /** null when neither the plugin nor the old program is there. */
  tool(): Promise<ComposeTool | null>;
  /** Throws COMPOSE_INVALID with compose's own words, masked, when the files do not fit or a variable that must be set is missing. */
  resolve(project: ComposeProject): Promise<ResolvedProject>;
  /** argv of an act, for a person to type: with the same files and variables. */
  byHand(project: ComposeProject, ...args: readonly string[]): Promise<readonly string[]>;
}

export interface ComposeOutcome {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The last lines of what it said, masked. */
  readonly said: readonly string[];
}

export interface ComposeActs {
  readonly host: string;
  /**
   * Creates or recreates these services with images that are there: builds and pulls nothing, and touches no other service. Returns when
   * compose has started them. Called again after it died half-way it finishes or repairs what it finds.
   */
  up(project: ComposeProject, services: readonly string[], options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<ComposeOutcome>;
}
