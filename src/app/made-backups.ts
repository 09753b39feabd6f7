// Which backups a run left, as its journal says: their ids are what verify and restore are called with.
import type { Json } from '../core/json.js';
import type { Shell } from './shell.js';

export interface MadeBackup {
  readonly id: string;
  readonly directory: string;
}

/** `ended` is what a run ended with; empty when it was left, or made none. */
export function madeBackups(shell: Shell, ended: Json): readonly MadeBackup[] {
  const runId = member(ended, 'runId');
  if (typeof runId !== 'string') return [];
  const journal = shell.readJournal(shell.folders.find(runId));
  try {
    return journal.read().flatMap((event) => {
      if (event.type !== 'change-finished' || event.data.status !== 'done') return [];
      const [id, directory] = [member(event.data.effects, 'id'), member(event.data.effects, 'backup')];
      return typeof id === 'string' && typeof directory === 'string' ? [{ id, directory }] : [];
    });
  } finally {
    journal.close();
  }
}

function member(value: Json, name: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return (value as Readonly<Record<string, Json>>)[name] ?? null;
}
