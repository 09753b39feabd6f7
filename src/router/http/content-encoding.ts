// The Content-Encoding header. Nothing that is encoded is read here, neither of callers nor of providers, so that the limits on
// what is read hold: a small compressed body can be a huge one. Source: RFC 9110, section 8.4.

export function isEncoded(contentEncoding: string | readonly string[] | undefined): boolean {
  const named = String(contentEncoding ?? '')
    .trim()
    .toLowerCase();
  return named !== '' && named !== 'identity';
}
