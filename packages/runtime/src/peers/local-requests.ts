import type { IncomingMessage, RequestListener } from 'node:http';

const local = new WeakSet<IncomingMessage>();

/** Returns a listener that marks all its requests as those of a user of this host, who reached the Unix socket. */
export function fromThisHost(listener: RequestListener): RequestListener {
  return (request, response) => {
    local.add(request);
    listener(request, response);
  };
}

/** Returns true for a request that came over the Unix socket: only those may act. */
export function isFromThisHost(request: IncomingMessage): boolean {
  return local.has(request);
}
