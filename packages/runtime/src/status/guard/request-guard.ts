import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseIpv4, parseIpv6 } from '@navalis/address';

/** The requests that a listener serves. */
export interface RequestAccess {
  /** Host names besides `localhost`, in lower case. */
  readonly names: readonly string[];
  /** The token that requests must carry; undefined: they need none. */
  readonly token: string | undefined;
  /** Returns true for a path that holds no facts, and needs no token: the page has a form for it. */
  isPublic(path: string): boolean;
}

/** The answer to a request that is not served. */
export interface Refusal {
  readonly status: number;
  readonly sentence: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Our choice: the longest path of ours has a fifth of it. */
const longestTarget = 1_024;

const methods: readonly (string | undefined)[] = ['GET', 'HEAD'];

/**
 * Returns why a request is not served, or undefined. A page of another site in a browser on this host must not read a status. The
 * name of that site may resolve to this host (DNS rebinding), so `Host` must be a name that is known to be ours.
 */
export function refusalOf(request: IncomingMessage, access: RequestAccess): Refusal | undefined {
  const { method, url = '', headers } = request;
  if (!methods.includes(method)) {
    return { status: 405, sentence: 'Only GET and HEAD are served.', headers: { Allow: 'GET, HEAD' } };
  }
  if (url.length > longestTarget) {
    return { status: 414, sentence: `The path is longer than ${longestTarget} characters.` };
  }
  if (!url.startsWith('/')) return { status: 400, sentence: 'The request must name a path that starts with "/".' };
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return { status: 413, sentence: 'Requests have no body.' };
  }
  const { host = '', origin } = headers;
  if (!isOwnName(host, access.names)) {
    const sentence =
      'The Host header names another server: use localhost, an IP address, or a name that the key http-names lists.';
    return { status: 421, sentence };
  }
  if (isFromOtherSite(request) || (origin !== undefined && !isSameOrigin(origin, host))) {
    return { status: 403, sentence: 'Pages of other sites are not served.' };
  }
  const [path = ''] = url.split('?');
  if (access.token === undefined || access.isPublic(path) || hasToken(headers.authorization, access.token)) {
    return undefined;
  }
  const sentence = 'A token is needed: send the content of the file http-token as "Authorization: Bearer TOKEN".';
  return { status: 401, sentence, headers: { 'WWW-Authenticate': 'Bearer realm="navalis"' } };
}

function isOwnName(host: string, names: readonly string[]): boolean {
  const [, ipv6, name] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+))(?::[0-9]{1,5})?$/.exec(host) ?? [];
  if (ipv6 !== undefined) return parseIpv6(ipv6) !== undefined;
  if (name === undefined) return false;
  const lower = name.toLowerCase();
  return lower === 'localhost' || parseIpv4(lower) !== undefined || names.includes(lower);
}

/** A program behind a proxy that speaks TLS sees `https` only here. */
function isSameOrigin(origin: string, host: string): boolean {
  const lower = host.toLowerCase();
  return [`http://${lower}`, `https://${lower}`].includes(origin.toLowerCase());
}

/** Browsers tell where a request comes from (Fetch Metadata). A link that a person follows is served. */
function isFromOtherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}

function hasToken(authorization: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  // Digests have one length, and the comparison takes the same time wherever they differ.
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
