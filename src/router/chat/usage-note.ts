// Gathers one request's usage row while the request runs, and closes it once, however the request ends.
import type { Caller } from '../callers.js';
import type { Exchange } from '../http/exchange.js';
import type { Target } from '../model-groups.js';
import type { Release } from '../release.js';
import type { UsageRow } from '../usage/usage-row.js';
import { costUsd, type TokenMeter } from './token-meter.js';

export class UsageNote {
  readonly #exchange: Exchange;
  readonly #caller: Caller;
  readonly #release: Release;
  /** A configured group, or `rejected_model`: what callers type freely does not enter the database. */
  requestedModel = '';
  stream = false;
  target: Target | null = null;
  meter: TokenMeter | null = null;
  attempts = 0;
  ttfbMs: number | null = null;

  constructor(exchange: Exchange, caller: Caller, release: Release) {
    this.#exchange = exchange;
    this.#caller = caller;
    this.#release = release;
  }

  firstByte(): void {
    this.ttfbMs ??= this.#exchange.elapsedMs();
  }

  close(status: number, error: string | null): UsageRow {
    const { target } = this;
    const tokens = this.attempts > 0 && this.meter !== null && (error === null || this.ttfbMs !== null) ? this.meter.counts() : null;
    const inputPrice = target?.inputPricePerMillionUsd ?? 0;
    const outputPrice = target?.outputPricePerMillionUsd ?? 0;
    const inputCost = costUsd(tokens?.input ?? 0, inputPrice);
    const outputCost = costUsd(tokens?.output ?? 0, outputPrice);
    return {
      request_id: this.#exchange.requestId,
      ts: this.#exchange.arrivedAt.toISOString(),
      caller_id: this.#caller.id,
      token_id: this.#caller.tokenId,
      client: clientName(this.#exchange),
      inbound_dialect: 'openai-chat',
      requested_model: this.requestedModel,
      resolved_group: target?.group ?? '',
      strategy: target?.strategy ?? '',
      target_provider: target?.provider ?? '',
      target_model: target?.model ?? '',
      target_dialect: target?.dialect ?? '',
      stream: this.stream ? 1 : 0,
      status,
      attempts: this.attempts,
      latency_ms: this.#exchange.elapsedMs(),
      ttfb_ms: this.ttfbMs,
      input_tokens: tokens?.input ?? 0,
      output_tokens: tokens?.output ?? 0,
      total_tokens: tokens?.total ?? 0,
      input_price_per_million_usd: inputPrice,
      output_price_per_million_usd: outputPrice,
      input_cost_usd: inputCost,
      output_cost_usd: outputCost,
      total_cost_usd: Math.round((inputCost + outputCost) * 1e9) / 1e9,
      router_version: this.#release.version,
      router_build_date: this.#release.buildDate,
      error,
    };
  }
}

function clientName({ request }: Exchange): string {
  const named = request.headers['x-router-client'] ?? request.headers['user-agent'] ?? '';
  return String(named)
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 100);
}
