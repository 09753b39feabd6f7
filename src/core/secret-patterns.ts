// Shapes by which a secret is known even though nobody registered it: provider keys, tokens, private keys, URLs with passwords, media.

/** A stretch of text that must not leave, and by which rule. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  /** What stands in its place; default `***rule***`. */
  readonly instead?: string;
}

interface Shape {
  readonly rule: string;
  /** One of these must occur, else the expression is not even tried. */
  readonly anchors: readonly string[];
  readonly expression: RegExp;
}

/** Raised whenever a rule is added or sharpened; reports name it. */
export const redactionRulesVersion = 2;

const shapes: readonly Shape[] = [
  {
    rule: 'bearer',
    anchors: ['earer', 'EARER'],
    expression: /\b(?:Bearer|bearer|BEARER)\s+((?=[\w=~@.+/-]*\d|[\w=~@.+/-]{20})[\w=~@.+/-]{8,})/dg,
  },
  { rule: 'openai-key', anchors: ['T3BlbkFJ'], expression: /sk-(?:(?:proj|svcacct|admin)-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74}/dg },
  { rule: 'anthropic-key', anchors: ['sk-ant-'], expression: /sk-ant-(?:api03|admin01)-[\w-]{93}AA/dg },
  { rule: 'sk-key', anchors: ['sk-'], expression: /\bsk-[\w-]{16,}/dg },
  { rule: 'google-key', anchors: ['AIza'], expression: /AIza[\w-]{35}/dg },
  { rule: 'huggingface-key', anchors: ['hf_'], expression: /\bhf_[A-Za-z]{34}/dg },
  { rule: 'perplexity-key', anchors: ['pplx-'], expression: /\bpplx-[A-Za-z0-9]{48}/dg },
  { rule: 'aws-key-id', anchors: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], expression: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/dg },
  { rule: 'bedrock-key', anchors: ['ABSK'], expression: /ABSK[A-Za-z0-9+/]{109,269}={0,2}/dg },
  { rule: 'azure-secret', anchors: ['Q~'], expression: /[\w~.]{3}\dQ~[\w~.-]{31,34}/dg },
  { rule: 'jwt', anchors: ['ey'], expression: /\bey[\w-]{17,2000}\.ey[\w/-]{17,8000}\.[\w/-]*/dg },
  {
    rule: 'private-key',
    anchors: ['PRIVATE KEY'],
    expression: /-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY[\s\S]{0,65536}?(?:-----END[ A-Z0-9_-]{0,40}-----|$)/dg,
  },
  { rule: 'age-key', anchors: ['AGE-SECRET-KEY-'], expression: /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/dg },
  { rule: 'github-token', anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], expression: /\bgh[pousr]_\w{36}/dg },
  { rule: 'gitlab-token', anchors: ['glpat-'], expression: /\bglpat-[\w-]{20}/dg },
  { rule: 'vault-token', anchors: ['hvs.'], expression: /\bhvs\.[\w-]{90,120}/dg },
  { rule: 'groq-key', anchors: ['gsk_'], expression: /\bgsk_\w{20,}/dg },
  { rule: 'xai-key', anchors: ['xai-'], expression: /\bxai-[\w-]{20,}/dg },
  { rule: 'replicate-key', anchors: ['r8_'], expression: /\br8_\w{20,}/dg },
  { rule: 'nvidia-key', anchors: ['nvapi-'], expression: /\bnvapi-[\w-]{20,}/dg },
];

/** Rules that are proof of a secret: they refuse a signature. Those of `contextRanges` only mask. */
export function secretShapes(text: string): readonly SecretRange[] {
  const ranges: SecretRange[] = [];
  for (const { rule, anchors, expression } of shapes) {
    if (anchors.some((anchor) => text.includes(anchor))) ranges.push(...rangesOf(text, rule, expression));
  }
  return ranges;
}

/** What is blanked for where it stands: user and password of a URL or a header, secret query values, media. */
export function contextRanges(text: string): readonly SecretRange[] {
  const ranges: SecretRange[] = [];
  if (text.includes('://'))
    ranges.push(...rangesOf(text, 'url-user', /:\/\/([^\s/?#"'<>\\]{1,512})@/dg).filter(({ end }) => !text.startsWith('***', end - 3)));
  if (text.includes('='))
    ranges.push(
      ...rangesOf(
        text,
        'url-query',
        /[?&](?:key|api_key|api-key|apikey|token|access_token|sig|signature|code|password|secret)=([^&\s"'#<>\\*]+)/dgi,
      ),
    );
  if (text.includes(';base64,')) ranges.push(...rangesOf(text, 'media', /data:[\w.+/-]{1,100};base64,[A-Za-z0-9+/=_-]*/dg).map(asMedia));
  if (/basic/i.test(text)) ranges.push(...rangesOf(text, 'basic', /\bbasic\s+([A-Za-z0-9+/]{6,2000}={0,2})/dgi).filter(isPair(text)));
  ranges.push(...longBase64(text));
  return ranges;
}

/** `basic requirements` are words; only what decodes to `user:password` is one. */
function isPair(text: string): (range: SecretRange) => boolean {
  return ({ start, end }) => /^[ -~]*:[ -~]*$/.test(Buffer.from(text.slice(start, end), 'base64').toString('latin1'));
}

function rangesOf(text: string, rule: string, expression: RegExp): SecretRange[] {
  const ranges: SecretRange[] = [];
  for (const match of text.matchAll(expression)) {
    const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
    ranges.push({ start, end, rule });
  }
  return ranges;
}

function asMedia({ start, end, rule }: SecretRange): SecretRange {
  return { start, end, rule, instead: `[base64 ${Math.floor(((end - start) * 3) / 4)} bytes redacted]` };
}

const longRun = 256;

/** Probes every 256th character and widens from there: a run that long cannot lie between two probes. */
function* longBase64(text: string): Generator<SecretRange> {
  for (let probe = longRun - 1; probe < text.length; probe += longRun) {
    if (!isBase64(text.charCodeAt(probe))) continue;
    let start = probe;
    while (start > 0 && isBase64(text.charCodeAt(start - 1))) start -= 1;
    let end = probe + 1;
    while (end < text.length && isBase64(text.charCodeAt(end))) end += 1;
    if (end - start >= longRun) {
      yield asMedia({ start, end, rule: 'media' });
      probe = end;
    }
  }
}

function isBase64(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 43 || code === 47;
}
