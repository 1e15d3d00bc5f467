import type { Socket } from 'node:net';
import type { OwnerOf } from './bounded-server.ts';

/**
 * Returns a function that tells which user opened a connection to a Unix socket. It tells nobody until its code is loaded, which the first
 * call begins: only a crowded socket needs it.
 */
export function userOfConnections(): OwnerOf {
  const users = new WeakMap<Socket, number>();
  let read: ((descriptor: number) => number | undefined) | undefined;
  let isLoading = false;
  const load = async (): Promise<void> => {
    const { openUnixPeers } = await import('@navalis/netio');
    read = openUnixPeers();
  };
  return (socket) => {
    if (read === undefined) {
      // A machine that cannot load it serves all users as one.
      if (!isLoading) load().catch(() => undefined);
      isLoading = true;
      return undefined;
    }
    const known = users.get(socket);
    if (known !== undefined) return known;
    const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } | null };
    const user = handle?.fd === undefined ? undefined : read(handle.fd);
    if (user !== undefined) users.set(socket, user);
    return user;
  };
}
