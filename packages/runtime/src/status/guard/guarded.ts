import type { RequestListener } from 'node:http';
import { pageHeaders } from '@navalis/page';
import { type RequestAccess, refusalOf } from './request-guard.ts';

/** Returns a listener that passes on the requests that `access` permits, and refuses the others with one sentence. */
export function guarded(listener: RequestListener, access: RequestAccess): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
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
