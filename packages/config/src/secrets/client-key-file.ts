import { createHash } from 'node:crypto';
import type { AuthenticationAlgorithm, SecureCredentials } from '@navalis/wire';
import { conflict } from '../mistakes.ts';
import { secretPattern } from './client-credentials.ts';
import { algorithms, identifierPattern } from './client-names.ts';
import { readGuardedFile } from './guarded-file.ts';
import { leastSecretBits, secretBitsAtMost } from './secret-strength.ts';

/** One line of a server's key file. */
export interface ClientKeyLine extends SecureCredentials {
  /** The server asks the client to renew its secret, and serves it meanwhile. */
  readonly shouldRenew: boolean;
}

export interface ReadKeyFile {
  readonly keys: readonly ClientKeyLine[];
  readonly warnings: readonly string[];
}

/** Our choices: each secret of a client costs one computation per solicitation, and a sentence names only a few lines. */
const secretsPerClient = 2;
const linesNamed = 5;

const digestMark = '# sha256:';
const digestLine = /^# sha256: ([0-9a-f]{64})\r?\n/;
/** The mark as people or tools also write it, in any line: also after a byte order mark or a comment. */
const likeDigestMark = /^\s*#\s*sha-?256\s*:/im;

/**
 * Reads a server's key file. A line is `identifier algorithm secret` with `renew` after it for a secret to be replaced;
 * empty lines and those that start with `#` are ignored. A client may have two lines, an old secret and a new one. A first line
 * `# sha256: DIGEST` stands for all that follows it.
 * @throws NavalisError `configuration` for a file that is not whole, or with the number of each bad line, and never a part of one.
 */
export function readClientKeyFile(path: string): ReadKeyFile {
  const name = 'client-keys';
  const keys: ClientKeyLine[] = [];
  const mistakes: string[] = [];
  const weak: number[] = [];
  const secretsOf = new Map<string, Set<string>>();
  const text = readGuardedFile(name, path);
  const fault = faultOf(text);
  if (fault !== undefined) throw conflict(name, path, fault);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]!.startsWith('#')) continue;
    const mistake = mistakeIn(words, secretsOf);
    if (mistake !== undefined) {
      mistakes.push(`line ${index + 1} ${mistake}`);
      continue;
    }
    keys.push(keyOf(words));
    if (secretBitsAtMost(words[2]!) < leastSecretBits) weak.push(index + 1);
  }
  if (mistakes.length > 0) throw conflict(name, path, listed(mistakes, '; '));
  if (keys.length === 0) throw conflict(name, path, 'it names no client');
  return { keys, warnings: weak.length === 0 ? [] : [weakness(path, weak)] };
}

/** Returns why a text cannot be the whole file; undefined if it can. */
function faultOf(text: string): string | undefined {
  if (text !== '' && !text.endsWith('\n')) {
    return 'its last line has no line break at its end, as in a file that is half written';
  }
  if (!text.startsWith(digestMark)) {
    return likeDigestMark.test(text)
      ? `its digest would not be checked: begin its first line with "${digestMark}", and let nothing come before it`
      : undefined;
  }
  const [line, digest] = digestLine.exec(text) ?? [];
  if (line === undefined) return 'its first line has no SHA-256 digest of 64 hexadecimal digits';
  const actual = createHash('sha256').update(text.slice(line.length)).digest('hex');
  return actual === digest
    ? undefined
    : 'the digest in its first line is not that of the lines after it: it is half written, or was edited without a new digest';
}

function mistakeIn(words: readonly string[], secretsOf: Map<string, Set<string>>): string | undefined {
  const [identifier = '', algorithm, secret, mark] = words;
  if (words.length < 3) return 'has not the three words identifier, algorithm and secret';
  if (!identifierPattern.test(identifier) || new TextEncoder().encode(identifier).length > 255) {
    return 'has an identifier that is not 1 to 255 octets of printable text';
  }
  if (!algorithms.some((known) => known === algorithm)) {
    return `has an algorithm other than ${algorithms.join(' and ')}`;
  }
  if (!secretPattern.test(secret!)) return 'has a secret with characters other than printable ASCII';
  if (words.length > 4 || (mark !== undefined && mark !== 'renew')) return 'has more after the secret than "renew"';
  const secrets = secretsOf.get(identifier) ?? new Set();
  secretsOf.set(identifier, secrets);
  if (secrets.has(`${algorithm} ${secret}`)) return 'repeats an earlier one';
  secrets.add(`${algorithm} ${secret}`);
  return secrets.size > secretsPerClient
    ? `is the third for its client, which may have ${secretsPerClient}`
    : undefined;
}

function keyOf([identifier, algorithm, secret, mark]: readonly string[]): ClientKeyLine {
  const encoder = new TextEncoder();
  return {
    clientIdentifier: encoder.encode(identifier),
    secret: encoder.encode(secret),
    algorithm: algorithm as AuthenticationAlgorithm,
    shouldRenew: mark === 'renew',
  };
}

function weakness(path: string, lines: readonly number[]): string {
  const which = listed(lines.map(String), ', ');
  return `${path} has secrets of fewer than ${leastSecretBits} bits, which can be guessed from a single datagram, in line ${which}.`;
}

function listed(items: readonly string[], separator: string): string {
  const rest = items.length - linesNamed;
  return items.slice(0, linesNamed).join(separator) + (rest > 0 ? `${separator}and ${rest} more` : '');
}
