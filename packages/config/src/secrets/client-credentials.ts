import type { AuthenticationAlgorithm, SecureCredentials } from '@navalis/wire';
import { conflict } from '../mistakes.ts';
import { readGuardedFile } from './guarded-file.ts';
import { leastSecretBits, secretBitsAtMost } from './secret-strength.ts';

/** Printable, so that it can be a word of a line of the server's key file. */
export const secretPattern: RegExp = /^[\x21-\x7e]+$/;

export interface ReadCredentials {
  readonly credentials: SecureCredentials | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads the secret that the client shares with its servers (CL-C-02). Identifier and file are set together or not at all. The file
 * has one line.
 * @throws NavalisError `configuration`
 */
export function readClientCredentials(
  identifier: string | undefined,
  path: string | undefined,
  algorithm: AuthenticationAlgorithm,
): ReadCredentials {
  if (identifier === undefined && path === undefined) return { credentials: undefined, warnings: [] };
  if (path === undefined) throw conflict('client-identifier', identifier!, 'secret-file is not set, and goes with it');
  if (identifier === undefined) throw conflict('secret-file', path, 'client-identifier is not set, and goes with it');
  const secret = readGuardedFile('secret-file', path).replace(/\r?\n$/, '');
  if (secret === '') throw conflict('secret-file', path, 'it is empty');
  if (!secretPattern.test(secret)) {
    throw conflict('secret-file', path, 'it must hold one line of printable ASCII characters without spaces');
  }
  const encoder = new TextEncoder();
  return {
    credentials: { clientIdentifier: encoder.encode(identifier), secret: encoder.encode(secret), algorithm },
    warnings: weakness(path, secretBitsAtMost(secret)),
  };
}

function weakness(path: string, bits: number): string[] {
  if (bits >= leastSecretBits) return [];
  const sentence = `The secret in ${path} has at most ${bits} bits: with fewer than ${leastSecretBits} it can be guessed from a single datagram.`;
  return [sentence];
}
