import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { conflict } from '../mistakes.ts';

/** Our choice: 60,000 clients at 70 octets a line. */
const largestFileOctets = 4 * 1024 * 1024;

/**
 * Reads a file that nobody but its owner may have access to; `name` is the key that holds its path.
 * @throws NavalisError `configuration` with one sentence that says nothing of the content.
 */
export function readGuardedFile(name: string, path: string): string {
  let descriptor: number | undefined;
  try {
    // Not to wait for the other end of a pipe.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw conflict(name, path, 'it is not a file');
    if ((stat.mode & forbiddenAccess(path)) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      throw conflict(name, path, `group or others have access to it (mode ${mode}), make it 0600`);
    }
    if (stat.size > largestFileOctets) throw conflict(name, path, `it has more than ${largestFileOctets} octets`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw conflict(name, path, 'it does not exist');
    if (code === 'EACCES') throw conflict(name, path, 'permission to read it is denied');
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** systemd lets the service's user in by an access control list, which shows in the place of the group's mode. */
function forbiddenAccess(path: string): number {
  const { CREDENTIALS_DIRECTORY: credentials } = process.env;
  return credentials !== undefined && path.startsWith(`${credentials}/`) ? 0o007 : 0o077;
}
