// The wiring of everything that touches runs, loaded only when a command really opens one: it brings databases and catalogues along.
import type { Shell } from '../app/shell.js';

export async function runShell(): Promise<Shell> {
  const { openShell } = await import('./wiring.js');
  return openShell();
}
