// A router with a license of a test's own wording, for tests of what a license does to requests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LicensePayload, labLicense, labLicensePublicKey, signLicense } from '../../../src/router/lab/lab-license.js';
import { systemClock } from '../../../src/router/limits/clock.js';
import { type RouterSettings, type StartedRouter, startRouter } from '../started-router.js';

export interface LicensedRouter {
  readonly router: StartedRouter;
  readonly licenseFile: string;
  readonly stateFile: string;
  /** Turns the clock by so many milliseconds from now on. */
  turnClock(ms: number): void;
  install(license: Partial<LicensePayload> | string): void;
  /** The JSON of GET /admin/license/status. */
  status(): Promise<Record<string, unknown>>;
}

export const day = 86_400_000;

/** Starts a router; `directory` keeps license and state of an earlier one, and `publicKey: null` its key. */
export async function licensedRouter(
  license: Partial<LicensePayload> | string | null,
  settings: RouterSettings & { readonly directory?: string; readonly publicKey?: null } = {},
): Promise<LicensedRouter> {
  const directory = settings.directory ?? temporaryDirectory();
  const at = (name: string): string => join(directory, name);
  const install = (text: Partial<LicensePayload> | string): void =>
    writeFileSync(at('license.json'), typeof text === 'string' ? text : signLicense({ ...labLicense, ...text }));
  if (settings.publicKey !== null) writeFileSync(at('public.pem'), labLicensePublicKey());
  if (license !== null) install(license);
  let turnedMs = 0;
  const router = await startRouter({
    clock: { ...systemClock, wallMs: () => Date.now() + turnedMs },
    ...settings,
    config: {
      license: { file: at('license.json'), state_file: at('state.json'), public_key_file: at('public.pem') },
      admin_auth: { policy: [{ subject: 'caller:everyone', domain: '*', object: '*', action: '*' }] },
      ...settings.config,
    },
  });
  onTestFinished(() => router.stop());
  return {
    router,
    licenseFile: at('license.json'),
    stateFile: at('state.json'),
    turnClock: (ms) => {
      turnedMs = ms;
    },
    install,
    status: async () => (await (await router.get('/admin/license/status', 'rt-test-all')).json()) as Record<string, unknown>,
  };
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-license-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
