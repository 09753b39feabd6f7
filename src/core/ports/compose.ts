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
  /** Others wait for it to complete: its container is meant to end. */
  readonly isOneShot: boolean;
  /** What compose gives it to stop before it is killed. */
  readonly stopGraceMs: number;
}

export interface ResolvedProject {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
}

export interface ComposeTool {
  /** argv that begins every call. */
  readonly command: readonly string[];
  readonly version: string;
}

export interface ComposeReads {
  readonly host: string;
  /** null when docker has no compose plugin. */
  tool(): Promise<ComposeTool | null>;
  /** Throws COMPOSE_MISSING, and COMPOSE_INVALID with compose's own words, masked, when the files do not fit or lack a variable. */
  resolve(project: ComposeProject): Promise<ResolvedProject>;
}

export interface ComposeOutcome {
  /** null when it was ended. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The last lines of what it said, masked. */
  readonly said: readonly string[];
}

export interface ComposeActs {
  readonly host: string;
  /**
   * Makes one service's container anew, also when nothing in its files differs, of an image that is there: builds and pulls nothing, and
   * touches no other service. Returns when compose has started it, or failed to. Called again after it died half-way it finishes or
   * repairs what it finds. Throws COMPOSE_MISSING.
   */
  recreate(
    project: ComposeProject,
    service: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ComposeOutcome>;
}
