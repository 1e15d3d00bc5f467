import { lstat, unlink } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { createConnection } from 'node:net';
import { controlSocketOf, type HttpAddress } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';
import { once } from '../scheduling/once.ts';
import { SerialWork } from '../scheduling/serial-work.ts';
import { createBoundedServer } from './guard/bounded-server.ts';
import { type LateListenerObserver, openWhenPossible } from './late-listener.ts';
import { closed, listeningAtHttp } from './listening.ts';
import type { ListenerAccess, StatusRoutesOptions } from './status-routes.ts';
import { openUnixSocket } from './unix-socket.ts';

export interface StatusServerOptions extends StatusRoutesOptions {
  /** The path of the status socket; the control socket is beside it. */
  readonly socketPath: string;
  readonly http: HttpAddress | undefined;
  /** The token that requests to `http` must carry; undefined: they need none. Requests to the sockets never do. */
  readonly httpToken: string | undefined;
  /** Host names of this server besides `localhost`. */
  readonly httpNames: readonly string[];
  /** Receives warnings about an address of `http` that this host lacks, and later failures. */
  readonly late: LateListenerObserver;
}

/** The keys of the TCP listener. */
type HttpAccess = Pick<StatusServerOptions, 'http' | 'httpToken' | 'httpNames'>;

export interface StatusServer {
  /** Replaces the TCP listener if `access` differs or the last attempt failed. A failure goes to `late`. */
  reconfigure(access: HttpAccess): Promise<void>;
  /** Closes the server and removes its sockets. */
  close(): Promise<void>;
}

/** Makes a listener for the requests to one address. */
type ListenerMaker = (access: () => ListenerAccess) => RequestListener;

/**
 * Serves `/status`, `/metrics`, `/health` and the page on a Unix socket and, if wanted, on TCP; and on the control socket also the requests
 * that act.
 */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const listenerFor = lazyListeners(options);
  let names = options.httpNames;
  const closings: (() => Promise<void>)[] = [];
  let closeTcp = async () => {};
  const close = async (): Promise<void> => {
    await Promise.all([closeTcp(), ...closings.map((closing) => closing())]);
  };
  try {
    const { socketPath, late } = options;
    // Reading a status needs no privilege (CL-C-10), acting does (SEC-47).
    const sockets = [
      { name: 'status socket', path: socketPath, mode: 0o666, mayAct: false },
      { name: 'control socket', path: controlSocketOf(socketPath), mode: 0o660, mayAct: true },
    ] as const;
    for (const { mayAct, ...socket } of sockets) {
      const listener = listenerFor(() => ({ names, token: undefined, mayAct }));
      closings.push(await openUnixSocket({ ...socket, listener }, late));
    }
    closeTcp = await openTcp(listenerFor, options, late);
  } catch (error) {
    await close();
    throw error;
  }
  /** The keys of the present listener; undefined after a failure. */
  let served: string | undefined = textOf(options);
  const reconfigure = async (access: HttpAccess): Promise<void> => {
    if (textOf(access) === served) return;
    served = undefined;
    names = access.httpNames;
    await closeTcp();
    closeTcp = async () => {};
    try {
      closeTcp = await openTcp(listenerFor, access, options.late);
      served = textOf(access);
    } catch (error) {
      const sentence = `${(error as Error).message} Status and metrics have no TCP address until the next reload.`;
      options.late.warn(sentence);
    }
  };
  const work = new SerialWork();
  return { close: () => work.close().then(close), reconfigure: (access) => work.run(() => reconfigure(access)) };
}

function textOf({ http, httpToken, httpNames }: HttpAccess): string {
  return JSON.stringify([http, httpToken, httpNames]);
}

/** Opens the TCP listener, if one is configured; returns a function that closes it. */
async function openTcp(
  listenerFor: ListenerMaker,
  { http, httpToken: token, httpNames: names }: HttpAccess,
  late: LateListenerObserver,
): Promise<() => Promise<void>> {
  if (http === undefined) return async () => {};
  let opened: Server | undefined;
  let isClosed = false;
  const giveUp = await openWhenPossible(async () => {
    const server = createBoundedServer(listenerFor(() => ({ names, token, mayAct: false })));
    await listeningAtHttp(server, http);
    if (isClosed) await closed(server);
    else opened = server;
  }, late);
  return async () => {
    isClosed = true;
    giveUp();
    if (opened !== undefined) await closed(opened);
  };
}

/** Loads the routes at the first request: a client's address must not wait for them. */
function lazyListeners(options: StatusServerOptions): ListenerMaker {
  const told = new Set<string>();
  /** Logs the first failure of each path. */
  const failed = (path: string, { message }: Error): void => {
    if (!told.has(path)) options.late.warn(`The status server failed to answer ${path}: ${message}`);
    told.add(path);
  };
  const load = once(async () => (await import('./status-routes.ts')).guardedRoutes(options, failed));
  return (access) => (request, response) => {
    load().then(
      (listener) => listener(access())(request, response),
      (error: Error) => {
        failed('any request', error);
        response.writeHead(500).end();
      },
    );
  };
}

/**
 * Makes sure that no other instance uses the status socket or its control socket, and removes those of a killed one.
 * @throws NavalisError `already-running`.
 */
export async function claimStatusSocket(statusSocket: string): Promise<void> {
  for (const path of [statusSocket, controlSocketOf(statusSocket)]) await claim(path);
}

async function claim(socketPath: string): Promise<void> {
  switch (await probe(socketPath)) {
    case 'answered': {
      const sentence = `already running: something answers on ${socketPath}; choose another --status-socket for a second instance.`;
      throw new NavalisError('already-running', sentence);
    }
    case 'ECONNREFUSED':
      // A plain file refuses connections too, but is not ours to remove.
      if ((await lstat(socketPath)).isSocket()) await unlink(socketPath);
      break;
  }
}

function probe(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection(socketPath);
    connection.once('connect', () => {
      connection.destroy();
      resolve('answered');
    });
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}
