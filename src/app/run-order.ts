// Who begins a run, where and until when: what the record says about persons and times.
import { arch, hostname, platform, release } from 'node:os';
import type { Json } from '../core/json.js';
import { ownUser } from '../core/own-user.js';
import type { RunOrder } from '../core/ports/run-folders.js';
import type { Shell } from './shell.js';

export interface OrderRequest {
  readonly limitMs: number;
  readonly window: RunOrder['window'];
  readonly changeRef: string | null;
  readonly approval: Json;
  readonly overrides: RunOrder['overrides'];
}

export function runOrder(shell: Shell, request: OrderRequest): RunOrder {
  const nowMs = shell.clock.nowMs();
  const { window, changeRef, approval, overrides } = request;
  // Where the window was overruled its end says nothing about this run: it may have passed before the run began.
  const bound = window !== null && !overrides.some(({ rule }) => rule === 'window');
  const windowEndMs = bound ? Date.parse(window.to) : Number.POSITIVE_INFINITY;
  return {
    runId: newRunId(nowMs),
    operator: operator(),
    host: { hostname: hostname(), os: platform(), kernel: release(), architecture: arch(), bootId: shell.clock.bootId() },
    changeRef,
    window,
    approval,
    overrides,
    deadlineMs: Math.min(nowMs + request.limitMs, windowEndMs),
    createdAt: new Date(nowMs).toISOString(),
  };
}

/** Sorts by time; the last four characters are what people say to each other. */
function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const word = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => letters[byte % letters.length]).join('');
  return `${stamp}-${word}`;
}

export function operator(): { readonly [key: string]: Json } {
  const { name, uid } = ownUser();
  const { SUDO_USER: sudoUser, SSH_CONNECTION: ssh, CI: ci } = process.env;
  return {
    user: name,
    uid,
    ...(sudoUser === undefined ? {} : { sudoUser }),
    ...(ssh === undefined ? {} : { from: ssh.split(' ')[0] ?? '' }),
    ...(ci === undefined ? {} : { ci: true }),
  };
}
