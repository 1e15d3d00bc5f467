import type { TurnCredentials } from '@navalis/turn';
import { conflict } from '../mistakes.ts';
import { readGuardedFile } from './guarded-file.ts';

/** Printable; a name has no colon, which ends it. */
const linePattern = /^([^:\p{C}]+):([^\p{C}]+)$/u;

/** RFC 8489 section 14.3. */
const longestNameOctets = 508;

/**
 * Reads the name and password of a client at its TURN servers. The file has one line `user:password`.
 * @throws NavalisError `configuration` with a sentence that says nothing of the content.
 */
export function readTurnCredentials(path: string): TurnCredentials {
  const name = 'turn-credentials';
  const line = readGuardedFile(name, path).replace(/\r?\n$/, '');
  if (line === '') throw conflict(name, path, 'it is empty');
  const [, username, password] = linePattern.exec(line) ?? [];
  if (username === undefined || password === undefined) {
    throw conflict(name, path, 'it must hold one line with a user name, a colon and a password');
  }
  if (new TextEncoder().encode(username).length > longestNameOctets) {
    throw conflict(name, path, `the user name has more than ${longestNameOctets} octets`);
  }
  return { username, password };
}
