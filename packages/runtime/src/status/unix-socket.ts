import { mkdir } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { dirname } from 'node:path';
import { createBoundedServer, usualBounds } from './guard/bounded-server.ts';
import { userOfConnections } from './guard/connection-owners.ts';
import { keepSocket } from './kept-socket.ts';
import type { LateListenerObserver } from './late-listener.ts';
import { closed, listenError, listening } from './listening.ts';

/** A Unix socket of a program. */
export interface UnixSocket {
  /** As messages call it. */
  readonly name: 'status socket' | 'control socket';
  readonly path: string;
  /** The mode of its file, which says who may open it. */
  readonly mode: number;
  readonly listener: RequestListener;
}

/**
 * Serves on a Unix socket, and opens it again when another program removes its file. Returns a function that closes the server and removes
 * the file. @throws NavalisError when the socket cannot be opened.
 */
export async function openUnixSocket(
  { name, path, mode, listener }: UnixSocket,
  observer: LateListenerObserver,
): Promise<() => Promise<void>> {
  // Both paths come from this key.
  const label = `status-socket ${path}`;
  let server: Server | undefined;
  let isClosed = false;
  const open = async (): Promise<void> => {
    await prepareDirectory(path, label);
    const opened = createBoundedServer(listener, usualBounds, userOfConnections());
    await listening(opened, (each) => withMode(mode, () => each.listen(path)), label);
    server = opened;
    if (isClosed) await closed(opened);
  };
  await open();
  const reopen = async () => {
    // First, because closing a server removes the file of its path.
    if (server !== undefined) await closed(server);
    await open();
  };
  const endWatch = keepSocket({ name, path, reopen }, observer);
  return async () => {
    isClosed = true;
    endWatch();
    if (server !== undefined) await closed(server);
  };
}

/** Lets `bind` create a socket with this mode: a `chmod` afterwards would leave it open to others for a moment. */
function withMode(mode: number, bind: () => void): void {
  const before = process.umask(0o777 & ~mode);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}

/** Creates only the last folder: a wrong path must fail instead of creating a tree. */
async function prepareDirectory(path: string, label: string): Promise<void> {
  try {
    await mkdir(dirname(path), { mode: 0o755 });
  } catch (error) {
    const reason = error as NodeJS.ErrnoException;
    if (reason.code !== 'EEXIST') throw listenError(reason, label);
  }
}
