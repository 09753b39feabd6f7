// One model of one provider as an answerer for one model group: everything that is known about it before it is asked.
import type { DialectName } from '../dialects/conversation.js';

export interface Prices {
  readonly inputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
  readonly imageTokensPerMillionUsd: number;
  readonly perImageUsd: number;
  readonly source: string;
  /** `YYYY-MM-DD`; empty when the config does not say. */
  readonly updatedAt: string;
}

export interface Target {
  /** `<provider>/<model ref>`, the same in every group; what a breaker and a metric are kept by. */
  readonly key: string;
  readonly provider: string;
  readonly dialect: DialectName;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What every path begins with; without a slash at its end. */
  readonly basePath: string;
  /** Host and port, for diagnostics. */
  readonly host: string;
  readonly authScheme: 'bearer' | 'x-api-key';
  /** Reads the key anew each time; null when none is configured or it is empty. */
  readonly apiKey: () => string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly weight: number;
  readonly prices: Prices;
  readonly modalities: ReadonlySet<'text' | 'image'>;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly honorsMaxTokens: boolean;
  readonly outputTokenField: 'max_tokens' | 'max_completion_tokens';
  readonly tools: boolean;
  readonly parallelTools: boolean;
  /** Null: no limit. */
  readonly maxConcurrent: number | null;
  readonly attemptTimeoutMs: number;
}

export interface ModelGroup {
  readonly name: string;
  readonly displayName: string;
  readonly strategy: 'static' | 'failover' | 'weighted' | 'latency' | 'cost';
  readonly targets: readonly Target[];
  readonly omitHostedTools: boolean;
  readonly cache: boolean;
  /** SHA-256 of this group's part of the config, 16 hex digits. */
  readonly fingerprint: string;
}
