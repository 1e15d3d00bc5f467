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
export const usualBounds: ServerBounds = { connections: 64, headersMs: 5_000, silenceMs: 10_000 };

/** Returns the owner of a connection, such as the number of a user; undefined where it is not known. */
export type OwnerOf = (socket: Socket) => number | undefined;

const nobody: OwnerOf = () => undefined;

/**
 * Creates a server with a bounded number of connections. A new one beyond that replaces one of the owner who has most of them, the one that
 * asked least recently. So slow clients never lock out others, and no user crowds out another one.
 */
export function createBoundedServer(
  listener: RequestListener,
  bounds: ServerBounds = usualBounds,
  ownerOf: OwnerOf = nobody,
): Server {
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
    if (open.size <= connections) return;
    const leaving = leastRecentOfMost(open, ownerOf);
    open.delete(leaving);
    leaving.destroy();
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

/** Returns the first connection of the owner who has most. */
function leastRecentOfMost(open: ReadonlySet<Socket>, ownerOf: OwnerOf): Socket {
  const owners = [...open].map((socket) => [socket, ownerOf(socket)] as const);
  const counts = new Map<number | undefined, number>();
  for (const [, owner] of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return owners.find(([, owner]) => counts.get(owner) === most)![0];
}
