import { conflict } from '../mistakes.ts';
import { readGuardedFile } from './guarded-file.ts';

/** The form of a bearer token (RFC 6750 section 2.1), which also fits into the fragment of a URL. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;

/** Our choice: more cannot be guessed by requests; 16 characters of base64 have 96 bits. */
const leastCharacters = 16;

/**
 * Reads the token that requests to the status server carry. The file has one line.
 * @throws NavalisError `configuration` with a sentence that says nothing of the content.
 */
export function readHttpToken(path: string): string {
  const name = 'http-token';
  const token = readGuardedFile(name, path).replace(/\r?\n$/, '');
  if (token === '') throw conflict(name, path, 'it is empty');
  if (!tokenPattern.test(token)) {
    throw conflict(name, path, 'it must hold one line of letters, digits and the characters . _ ~ + / - and =');
  }
  if (token.length < leastCharacters) {
    throw conflict(name, path, `the token has fewer than ${leastCharacters} characters and can be guessed`);
  }
  return token;
}
