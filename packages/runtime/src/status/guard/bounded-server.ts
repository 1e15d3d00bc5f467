import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ServerBounds {
  /** The most connections at once. */
  readonly connections: number;
  /** The time for all headers of a request. */
  readonly headersMs: number;
  /** The time for a connection on which nothing moves, in either direction. */
  readonly silenceMs: number;
}

/** Our choice: a browser opens six connections, and slow links take a second for a request. */
const usualBounds: ServerBounds = { connections: 64, headersMs: 5_000, silenceMs: 10_000 };

/**
 * Creates a server with a bounded number of connections. A new one beyond that replaces the one that asked least recently, so that
 * slow clients never lock out others.
 */
export function createBoundedServer(listener: RequestListener, bounds: ServerBounds = usualBounds): Server {
  const { connections, headersMs, silenceMs } = bounds;
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: headersMs,
    keepAliveTimeout: headersMs,
    connectionsCheckingInterval: Math.ceil(headersMs / 5),
    maxHeaderSize: 8_192,
  });
  server.timeout = silenceMs;
  /** The least recently used first. */
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size <= connections || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
  /** The answer that each connection got last. */
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request, response) => {
    const { socket } = request;
    // One request after another, as browsers and curl send them: answers that wait for others would have no bound.
    if (answers.get(socket)?.writableEnded === false) {
      socket.destroy();
      return;
    }
    answers.set(socket, response);
    if (open.delete(socket)) open.add(socket);
    listener(request, response);
  });
  return server;
}
