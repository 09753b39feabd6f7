// The gate of a router with a license: reads the file anew when it changed, judges it every second and whenever readiness is
// asked, and counts what is admitted. A request costs a comparison of numbers; files are touched beside it.
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { ConfigFinding, RouterConfig } from '../config/config.js';
import type { DialectName } from '../dialects/conversation.js';
import { GatewayError } from '../gateway-error.js';
import type { Log } from '../log.js';
import type { LicenseStamp } from '../requests/record-stamps.js';
import { type License, type LicenseFeature, readLicense, readPublicKey } from './license-file.js';
import type { LicenseGate, LicenseStatus } from './license-gate.js';
import { excesses, type Judgement, judge, when } from './license-judgement.js';
import { LicenseMemory, monthOf } from './license-memory.js';
import { LicenseStateError } from './license-state.js';

export interface SignedLicenseSettings {
  /** Null when the config names none although this build wants one. */
  readonly file: string | null;
  readonly stateFile: string;
  /** PEM file; null when there is none to be found. */
  readonly publicKeyFile: string | null;
  readonly config: () => RouterConfig;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

interface Installed {
  readonly license: License;
  readonly memory: LicenseMemory;
}

const judgeEveryMs = 1000;

export class SignedLicenseGate implements LicenseGate {
  readonly #settings: SignedLicenseSettings;
  #fileStamp: string | null = null;
  /** Which file keeps the license from being installed: for the log, since a refusal goes to callers, who get no path. */
  #faultyFile: string | null = null;
  #installed: Installed | GatewayError;
  #judgement: Judgement;
  #stamp: LicenseStamp;
  #judgedAtMs = Number.NEGATIVE_INFINITY;
  #open = 0;

  constructor(settings: SignedLicenseSettings) {
    this.#settings = settings;
    this.#installed = new GatewayError('license-missing', 'no license was read yet');
    this.#judgement = { verdict: 'refused', refusal: this.#installed };
    this.#stamp = { ...this.#stampNow(), license_reason: '' };
  }

  admit(dialect: DialectName): (served: boolean) => void {
    const nowMs = this.#settings.nowMs();
    this.#judgeWhenDue(nowMs);
    if (this.#judgement.verdict === 'refused') throw this.#judgement.refusal;
    if (this.#installed instanceof GatewayError) throw this.#installed;
    const { license, memory } = this.#installed;
    if (!license.skins.has(dialect)) throw new GatewayError('license-skin-forbidden', `the license does not cover the dialect ${dialect}`);
    const { concurrent, requestsPerMonth } = license.limits;
    if (concurrent !== null && this.#open >= concurrent)
      throw new GatewayError('license-concurrency-exceeded', `the license allows ${concurrent} requests at the same time; ask again`, {
        headers: { 'Retry-After': '1' },
      });
    const month = monthOf(nowMs);
    if (requestsPerMonth !== null && memory.requestsIn(month) >= requestsPerMonth)
      throw new GatewayError('license-volume-exceeded', `the license allows ${requestsPerMonth} requests a month; the next begins in UTC`, {
        headers: { 'Retry-After': String(secondsToNextMonth(nowMs)) },
      });
    memory.count(month);
    this.#open += 1;
    let ended = false;
    return (served) => {
      if (ended) return;
      ended = true;
      this.#open -= 1;
      if (!served) memory.takeBack(month);
    };
  }

  problem(): GatewayError | null {
    this.#judge(this.#settings.nowMs());
    return this.#judgement.verdict === 'refused' ? this.#judgement.refusal : null;
  }

  requireFeature(feature: LicenseFeature): void {
    const installed = this.#installed;
    if (!(installed instanceof GatewayError) && !installed.license.features.has(feature))
      throw new GatewayError('license-feature-forbidden', `the license does not cover ${feature}`);
  }

  get warnings(): readonly string[] {
    this.#judgeWhenDue(this.#settings.nowMs());
    return this.#judgement.verdict === 'grace' ? [this.#judgement.warning] : [];
  }

  stamp(): LicenseStamp {
    return this.#stamp;
  }

  refusalsOf(config: RouterConfig): readonly ConfigFinding[] {
    return this.#installed instanceof GatewayError ? [] : excesses(this.#installed.license, config);
  }

  status(): LicenseStatus {
    const problem = this.problem();
    const status = problem === null ? (this.warnings.length > 0 ? 'grace' : 'valid') : 'refused';
    const reason = problem?.code ?? (status === 'grace' ? 'license-expired' : '');
    const detail = problem?.message ?? this.warnings[0] ?? '';
    return { status, reason, detail, license: this.#installed instanceof GatewayError ? null : this.#described(this.#installed) };
  }

  async close(): Promise<void> {
    if (this.#installed instanceof GatewayError) return;
    this.#installed.memory.seen(this.#settings.nowMs());
    await this.#installed.memory.close();
  }

  #judgeWhenDue(nowMs: number): void {
    if (Math.abs(nowMs - this.#judgedAtMs) >= judgeEveryMs) this.#judge(nowMs);
  }

  #judge(nowMs: number): void {
    this.#judgedAtMs = nowMs;
    const [reasonBefore, fileBefore] = [this.#stamp.license_reason, this.#faultyFile];
    this.#readWhenChanged(nowMs);
    if (this.#installed instanceof GatewayError) this.#judgement = { verdict: 'refused', refusal: this.#installed };
    else {
      const { license, memory } = this.#installed;
      this.#judgement = judge(license, { nowMs, lastSeenMs: memory.lastSeenMs, config: this.#settings.config() });
      memory.seen(nowMs);
    }
    this.#stamp = this.#stampNow();
    const { license_status: status, license_reason: reason } = this.#stamp;
    if (reason === reasonBefore && this.#faultyFile === fileBefore) return;
    this.#settings.log.warn({ status, reason, ...(this.#faultyFile === null ? {} : { file: this.#faultyFile }) }, 'license');
  }

  #readWhenChanged(nowMs: number): void {
    const { file } = this.#settings;
    const stamp = file === null ? 'none' : stampOf(file);
    const before = this.#installed;
    if (stamp === this.#fileStamp && !(before instanceof GatewayError)) return;
    this.#fileStamp = stamp;
    this.#installed = this.#read(nowMs, before);
    if (!(before instanceof GatewayError) && before.memory !== this.#memory) void before.memory.close();
  }

  get #memory(): LicenseMemory | null {
    return this.#installed instanceof GatewayError ? null : this.#installed.memory;
  }

  #read(nowMs: number, before: Installed | GatewayError): Installed | GatewayError {
    const { file, stateFile, publicKeyFile, log } = this.#settings;
    this.#faultyFile = file;
    if (file === null)
      return new GatewayError('license-missing', 'this build wants a license; name its file in the config as license.file');
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      return new GatewayError('license-missing', 'the license file cannot be read; put it where license.file says, readable to the router');
    }
    const invalid = (what: string, why: string, where: string | null): GatewayError => {
      this.#faultyFile = where;
      return new GatewayError('license-invalid', `the ${what} is not accepted: ${why}`);
    };
    const key = this.#publicKey();
    if (typeof key === 'string') return invalid('key of the license', key, publicKeyFile);
    try {
      const license = readLicense(text, key);
      const kept = !(before instanceof GatewayError) && before.license.signature === license.signature;
      const memory = kept ? before.memory : new LicenseMemory(stateFile, license, nowMs, log);
      this.#faultyFile = null;
      return { license, memory };
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it cannot be read';
      return error instanceof LicenseStateError ? invalid('license state', why, stateFile) : invalid('license', why, file);
    }
  }

  /** Or what is wrong with it. */
  #publicKey(): KeyObject | string {
    const { publicKeyFile } = this.#settings;
    if (publicKeyFile === null) return 'there is none to check it with; set license.public_key_file';
    try {
      return readPublicKey(readFileSync(publicKeyFile, 'utf8'));
    } catch {
      return 'it is not a readable Ed25519 public key in PEM';
    }
  }

  #stampNow(): LicenseStamp {
    const installed = this.#installed instanceof GatewayError ? null : this.#installed.license;
    const { verdict } = this.#judgement;
    const refusal = this.#judgement.verdict === 'refused' ? this.#judgement.refusal.code : '';
    return {
      license_status: verdict,
      license_reason: verdict === 'grace' ? 'license-expired' : refusal,
      license_id: installed?.id ?? '',
      license_customer_id: installed?.customerId ?? '',
      license_sku: installed?.sku ?? '',
      license_key_id: installed?.keyId ?? '',
      license_expiry: installed === null ? '' : when(installed.expiresAtMs),
      license_grace_active: verdict === 'grace' ? 1 : 0,
    };
  }

  #described({ license, memory }: Installed): NonNullable<LicenseStatus['license']> {
    const nowMs = this.#settings.nowMs();
    const { callers, models, admin_auth: adminAuth } = this.#settings.config();
    const { limits } = license;
    return {
      id: license.id,
      customer_id: license.customerId,
      sku: license.sku,
      product: license.product,
      key_id: license.keyId,
      issued_at: when(license.issuedAtMs),
      not_before: when(license.notBeforeMs),
      expires_at: when(license.expiresAtMs),
      grace_until: when(license.graceUntilMs),
      features: [...license.features],
      skins: [...license.skins],
      limits: {
        callers: limits.callers,
        model_groups: limits.modelGroups,
        admins: limits.admins,
        requests_per_month: limits.requestsPerMonth,
        concurrent: limits.concurrent,
      },
      used: {
        callers: callers.length,
        model_groups: Object.keys(models).length,
        admins: adminAuth.users.length,
        requests_this_month: memory.requestsIn(monthOf(nowMs)),
        concurrent: this.#open,
      },
      seconds_until_expiry: Math.round((license.expiresAtMs - nowMs) / 1000),
      last_seen_at: when(memory.lastSeenMs),
      state_write_failures: memory.writeFailures,
    };
  }
}

function stampOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'absent';
  }
}

function secondsToNextMonth(nowMs: number): number {
  const now = new Date(nowMs);
  return Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - nowMs) / 1000);
}
