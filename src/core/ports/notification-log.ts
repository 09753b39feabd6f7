// Which notifications of a run were about to be told, and what became of each: kept beside the journal, because it is written
// while, and after, another process writes that one.
import type { NotificationChannel, NotifiedEvent } from '../notification.js';

export type NotificationLine =
  /** Durable before anything leaves: without an answer below it nobody knows whether it arrived, and it is told once more. */
  | { readonly what: 'sending'; readonly id: string; readonly event: NotifiedEvent; readonly at: string }
  /** The process group of a hook command, on record before its program starts: a successor ends it. */
  | { readonly what: 'group'; readonly pgid: number; readonly startTicks: number }
  | {
      readonly what: 'told';
      readonly id: string;
      readonly event: NotifiedEvent;
      readonly at: string;
      readonly channel: NotificationChannel;
      readonly delivered: boolean;
      /** One masked line. */
      readonly said: string;
    };

export interface NotificationLog {
  /** Durable when it returns. One writer; any number of readers. */
  append(line: NotificationLine): void;
  /** Every whole line; a torn last one is left out. Nothing before the first. */
  read(): readonly NotificationLine[];
}
