import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { conflict } from '../mistakes.ts';
import { isCredential, isServiceOfSystemd, loadCredentialLine, systemdCopies } from './systemd-copies.ts';

/** Our choice: 60,000 clients at 70 octets a line. */
const largestFileOctets = 4 * 1024 * 1024;

/**
 * Reads a file that nobody but its owner may have access to; `name` is the key that holds its path. A service of systemd
 * that may not read the file reads the copy that its unit made.
 * @throws NavalisError `configuration` with one sentence that reveals no content.
 */
export function readGuardedFile(name: string, path: string): string {
  let open: OpenFile | undefined;
  try {
    open = openOneOf([path, ...systemdCopies(path)]);
    const stat = fstatSync(open.descriptor);
    if (!stat.isFile()) throw conflict(name, path, 'it is not a file');
    if ((stat.mode & (isCredential(open.path) ? 0o007 : 0o077)) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      throw conflict(name, path, `group or others have access to it (mode ${mode}), make it 0600`);
    }
    if (stat.size > largestFileOctets) throw conflict(name, path, `it has more than ${largestFileOctets} octets`);
    return readFileSync(open.descriptor, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw conflict(name, path, 'it does not exist');
    if (code === 'EACCES') throw conflict(name, path, `permission to read it is denied${cure(path)}`);
    throw error;
  } finally {
    if (open !== undefined) closeSync(open.descriptor);
  }
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
}

/** Opens the first file, or, when permission is denied, the first of the others that can be opened. */
function openOneOf([path = '', ...copies]: readonly string[]): OpenFile {
  try {
    return opened(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    for (const copy of copies) {
      try {
        return opened(copy);
      } catch {
        // Try the next one; if all fail, the error is about the file itself.
      }
    }
    throw error;
  }
}

function opened(path: string): OpenFile {
  // Do not block on a pipe without a writer.
  return { path, descriptor: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

function cure(path: string): string {
  return isServiceOfSystemd() ? `: add "${loadCredentialLine(path)}" to the unit` : '';
}
