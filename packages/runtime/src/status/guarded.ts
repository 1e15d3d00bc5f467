import type { RequestListener } from 'node:http';
import { type RequestAccess, refusalOf } from './request-guard.ts';

/**
 * The headers of every answer: a page may load nothing but files of this server, no other site may embed or read an answer, and no
 * cache keeps one.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Returns a listener that passes on the requests that `access` permits, and refuses the others with one sentence. */
export function guarded(listener: RequestListener, access: RequestAccess): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const refusal = refusalOf(request, access);
    if (refusal === undefined) {
      listener(request, response);
      return;
    }
    const { status, sentence, headers } = refusal;
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close', ...headers });
    response.end(JSON.stringify({ error: sentence }));
  };
}
