// What limits must remember about callers, as a port: one process keeps it in memory; several replicas would keep it in one
// place, and each method is one step there that is done as a whole or not at all.
import type { Caller } from '../callers.js';
import type { LimitRefusal } from './limit-refusal.js';
import type { TakenTurn, Turn } from './traffic-shape.js';

export type LimitedCaller = Pick<Caller, 'id' | 'rate' | 'shape' | 'budget'>;

/** One whose bursts are evened out. */
export type ShapedCaller = Pick<LimitedCaller, 'id'> & { readonly shape: NonNullable<LimitedCaller['shape']> };

export interface Amount {
  readonly requests: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/** What a caller used of each period, open requests included, without what is only set aside. */
export interface Standing {
  /** `YYYY-MM-DD`, in UTC. */
  readonly dayName: string;
  /** `YYYY-MM`, in UTC. */
  readonly monthName: string;
  readonly day: Amount;
  readonly month: Amount;
  readonly lifetime: Amount;
  readonly openRequests: number;
}

/** One open request, as the store knows it. */
export interface Seat {
  readonly callerId: string;
  /** When it came in, itself counted. */
  readonly standing: Standing;
}

export interface LimitStore {
  /** Takes the next turn of the caller's traffic shape. */
  takeTurn(caller: ShapedCaller): Promise<Turn>;
  /** Takes back a turn that nobody waits for any longer, once. Never throws, as `leave`. */
  giveTurnBack(caller: ShapedCaller, turn: TakenTurn): void;
  /** Counts an open request against concurrency, rate and request budgets, against all or none. */
  enter(caller: LimitedCaller): Promise<Seat | LimitRefusal>;
  /** Sets tokens and US dollars aside, in every budget and the rate or in none; null when that is done. */
  reserve(seat: Seat, caller: LimitedCaller, tokens: number, costUsd: number): Promise<LimitRefusal | null>;
  /**
   * Closes an open request, once: what it used takes the place of what was set aside; null: it used nothing and counts
   * nowhere. Never throws: a store that is far away goes on trying by itself.
   */
  leave(seat: Seat, used: { readonly tokens: number; readonly costUsd: number } | null): void;
  standing(callerId: string): Promise<Standing>;
}
