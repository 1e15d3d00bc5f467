import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import type { HttpAddress } from '@navalis/config';
import { isPagePath } from '@navalis/page';
import { NavalisError } from '../navalis-error.ts';
import { fromThisHost } from '../peers/local-requests.ts';
import { SerialWork } from '../scheduling/serial-work.ts';
import { createBoundedServer } from './guard/bounded-server.ts';
import { guarded } from './guard/guarded.ts';
import { keepSocket } from './kept-socket.ts';
import { type LateListenerObserver, openWhenPossible } from './late-listener.ts';
import type { StatusRoutesOptions } from './status-routes.ts';

export interface StatusServerOptions extends StatusRoutesOptions {
  readonly socketPath: string;
  readonly http: HttpAddress | undefined;
  /** The token that requests to `http` must carry; undefined: they need none. Requests to the socket never do. */
  readonly httpToken: string | undefined;
  /** Host names of this server besides `localhost`. */
  readonly httpNames: readonly string[];
  /** Receives warnings about an address of `http` that this host lacks, and later failures. */
  readonly late: LateListenerObserver;
}

/** The keys of the TCP listener. */
type HttpAccess = Pick<StatusServerOptions, 'http' | 'httpToken' | 'httpNames'>;

export interface StatusServer {
  /** Replaces the TCP listener. A failure goes to `late`. */
  reconfigure(access: HttpAccess): Promise<void>;
  /** Closes the server and removes its socket. */
  close(): Promise<void>;
}

/** Serves `/status`, `/metrics` and `/health` on a Unix socket and, if wanted, on TCP. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const answer = lazyListener(options);
  let names = options.httpNames;
  let socketServer: Server | undefined;
  let endWatch = () => {};
  let closeTcp = async () => {};
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    endWatch();
    await Promise.all([closeTcp(), socketServer && closed(socketServer)]);
  };
  try {
    const { socketPath, late } = options;
    const openSocket = async (): Promise<void> => {
      await prepareDirectory(socketPath);
      const server = createBoundedServer((request, response) =>
        guarded(fromThisHost(answer), { names, token: undefined, isPublic: isPagePath })(request, response),
      );
      await listening(server, (each) => each.listen(socketPath), `status-socket ${socketPath}`);
      socketServer = server;
      if (isClosed) return closed(server);
      // Reading a status needs no privilege (CL-C-10).
      await chmod(socketPath, 0o666);
    };
    await openSocket();
    const reopen = async () => {
      // First, because closing a server removes the file of its path.
      if (socketServer !== undefined) await closed(socketServer);
      await openSocket();
    };
    endWatch = keepSocket(socketPath, reopen, late);
    closeTcp = await openTcp(answer, options, late);
  } catch (error) {
    await close();
    throw error;
  }
  const reconfigure = async (access: HttpAccess): Promise<void> => {
    names = access.httpNames;
    await closeTcp();
    closeTcp = async () => {};
    try {
      closeTcp = await openTcp(answer, access, options.late);
    } catch (error) {
      const sentence = `${(error as Error).message} Status and metrics have no TCP address until the next reload.`;
      options.late.warn(sentence);
    }
  };
  const work = new SerialWork();
  return { close: () => work.close().then(close), reconfigure: (access) => work.run(() => reconfigure(access)) };
}

/** Opens the TCP listener, if one is configured; returns a function that closes it. */
async function openTcp(
  answer: RequestListener,
  { http, httpToken: token, httpNames: names }: HttpAccess,
  late: LateListenerObserver,
): Promise<() => Promise<void>> {
  if (http === undefined) return async () => {};
  let opened: Server | undefined;
  let isClosed = false;
  const giveUp = await openWhenPossible(async () => {
    const server = createBoundedServer(guarded(answer, { names, token, isPublic: isPagePath }));
    await listening(server, (each) => each.listen(http.port, http.host), `http ${http.host}:${http.port}`);
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
function lazyListener(options: StatusServerOptions): RequestListener {
  let loaded: Promise<RequestListener> | undefined;
  return (request, response) => {
    loaded ??= import('./status-routes.ts').then(({ statusListener }) => statusListener(options));
    loaded.then(
      (listener) => listener(request, response),
      () => response.writeHead(500).end(),
    );
  };
}

/**
 * Makes sure that no other instance uses the socket, and removes the socket of a killed one.
 * @throws NavalisError `already-running`.
 */
export async function claimStatusSocket(socketPath: string): Promise<void> {
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

/** Creates only the last folder: a wrong path must fail instead of creating a tree. */
async function prepareDirectory(socketPath: string): Promise<void> {
  try {
    await mkdir(dirname(socketPath), { mode: 0o755 });
  } catch (error) {
    const reason = error as NodeJS.ErrnoException;
    if (reason.code !== 'EEXIST') throw listenError(reason, `status-socket ${socketPath}`);
  }
}

function listening(server: Server, listen: (server: Server) => void, label: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, label)));
    server.once('listening', () => resolve());
    listen(server);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listenError(error: NodeJS.ErrnoException, label: string): NavalisError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new NavalisError('address-in-use', `${label} is in use by something else.`, error);
    case 'EADDRNOTAVAIL':
      return new NavalisError(
        'address-not-available',
        `${label} is no address of this host: give it to an interface that is up, or correct the key http.`,
        error,
      );
    case 'EROFS':
      return new NavalisError(
        'system-call-failed',
        `${label} cannot be opened: the file system is read-only. Choose a path that can be written to.`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return new NavalisError('no-privilege', `${label} cannot be opened: permission is denied.`, error);
    case 'ENOENT':
      return new NavalisError('system-call-failed', `${label} cannot be opened: there is no such folder.`, error);
    default:
      return new NavalisError('system-call-failed', `${label} cannot be opened: ${error.message}.`, error);
  }
}
