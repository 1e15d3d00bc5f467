import { parseIpv4, parseIpv6 } from '@navalis/address';
import type { HttpAddress } from '../keys/operation.ts';
import { conflict } from '../mistakes.ts';
import { readHttpToken } from '../secrets/http-token.ts';

/**
 * Returns the token of the status server: an address that other hosts may reach needs one.
 * @throws NavalisError `configuration`
 */
export function httpTokenFor(http: HttpAddress | undefined, path: string | undefined): string | undefined {
  if (path !== undefined) {
    if (http === undefined) throw conflict('http-token', path, 'http is not set, and goes with it');
    return readHttpToken(path);
  }
  if (http === undefined || isLoopback(http.host)) return undefined;
  const host = http.host.includes(':') ? `[${http.host}]` : http.host;
  throw conflict(
    'http',
    `${host}:${http.port}`,
    'other hosts can reach it, so that http-token must be set; without a token it takes 127.0.0.1 or [::1]',
  );
}

function isLoopback(host: string): boolean {
  const ipv4 = parseIpv4(host);
  if (ipv4 !== undefined) return ipv4 >>> 24 === 127;
  const ipv6 = parseIpv6(host);
  return ipv6 !== undefined && (ipv6.word0 | ipv6.word1 | ipv6.word2) === 0 && ipv6.word3 === 1;
}
