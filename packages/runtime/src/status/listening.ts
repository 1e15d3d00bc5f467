import type { Server } from 'node:http';
import type { HttpAddress } from '@navalis/config';
import { NavalisError } from '../navalis-error.ts';

/** Resolves when the server listens. @throws NavalisError with `label`, which names the address. */
export function listening(server: Server, listen: (server: Server) => void, label: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, label)));
    server.once('listening', () => resolve());
    listen(server);
  });
}

/** Resolves when the server listens at the address of the key http. @throws NavalisError */
export function listeningAtHttp(server: Server, { host, port }: HttpAddress): Promise<void> {
  return listening(server, (each) => each.listen(port, host), `http ${host}:${port}`);
}

/** Ends the server and all its connections. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Returns the error of an address that cannot be listened at. */
export function listenError(error: NodeJS.ErrnoException, label: string): NavalisError {
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
