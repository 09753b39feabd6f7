// What persons are told of a run while they do something else: few moments, each as a small document of its own.

export const notifiedEvents = ['start', 'hold', 'rolled-back', 'person-needed', 'finished'] as const;

export type NotifiedEvent = (typeof notifiedEvents)[number];

export const notificationSchema = 'routerctl.notification/v1';

export interface Notification {
  readonly schema: typeof notificationSchema;
  /** The same for every attempt to tell of the same moment: whoever gets it twice drops one by it. */
  readonly id: string;
  readonly event: NotifiedEvent | 'test';
  /** RFC 3339, UTC: when it happened, not when it was told. */
  readonly at: string;
  readonly target: string;
  readonly environment: string;
  readonly host: string | null;
  readonly runId: string | null;
  readonly changeRef: string | null;
  readonly playbook: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly verdict: string;
  readonly why: string;
  /** The next command, or what to do. */
  readonly next: string;
  readonly exitCode: number | null;
}

export type NotificationChannel = 'command' | 'webhook';
