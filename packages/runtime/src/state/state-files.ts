import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The content of a state file: a JSON object whose fields may be anything. */
type StateFields = Readonly<Record<string, unknown>>;

/** A state file that was read. */
export type StateReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'read'; readonly fields: StateFields }
  /** `reason` is the rest of a sentence about the file. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** The files that outlive a run; tests keep them in memory. */
export interface StateFiles {
  read(path: string): StateReading;
  /** Replaces a file as a whole: a reader sees the old one or the new one. Returns the code of an error, such as `ENOSPC`. */
  write(path: string, fields: StateFields): string | undefined;
}

const longestOctets = 8_192;

export const hostStateFiles: StateFiles = {
  read(path) {
    let descriptor: number;
    try {
      // Another user could have put a link or a pipe there.
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
      return unusable(code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read (${code})`);
    }
    try {
      return fieldsOf(descriptor);
    } catch (error) {
      return unusable(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
    } finally {
      closeSync(descriptor);
    }
  },
  write(path, fields) {
    const draft = `${path}.new`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      // A run that was killed may have left one.
      rmSync(draft, { force: true });
      const descriptor = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        writeFileSync(descriptor, `${JSON.stringify(fields)}\n`);
        // Otherwise a crash of the host could leave an empty file under the final name.
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(draft, path);
      return undefined;
    } catch (error) {
      removeQuietly(draft);
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  },
};

function fieldsOf(descriptor: number): StateReading {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return unusable('it is not a file');
  if (!isTrusted(stats)) return unusable(`it belongs to another user (${stats.uid})`);
  if (stats.size > longestOctets) return unusable('it is too long');
  const octets = new Uint8Array(longestOctets);
  const text = new TextDecoder().decode(octets.subarray(0, readSync(descriptor, octets)));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { kind: 'read', fields: value as StateFields };
    }
  } catch {
    // Half-written or damaged.
  }
  return unusable('it is damaged');
}

/** Root and this user may write what this program believes. */
function isTrusted({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function unusable(reason: string): StateReading {
  return { kind: 'unusable', reason };
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error of the write is reported.
  }
}
