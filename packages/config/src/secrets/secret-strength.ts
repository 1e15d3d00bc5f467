/** Bits below which anyone who captured one datagram can guess a secret off-line (RFC 4380 7.2.1). */
export const leastSecretBits = 128;

/** Bits per character of a random text, by the smallest usual alphabet that contains it. */
const alphabets: readonly (readonly [pattern: RegExp, bitsPerCharacter: number])[] = [
  [/^[0-9]*$/, Math.log2(10)],
  [/^(?:[0-9a-f]*|[0-9A-F]*)$/, 4],
  [/^[0-9A-Za-z+/=_-]*$/, 6],
];

/** Returns an upper bound of the secret's entropy in whole bits. A word that a person chose has far fewer. */
export function secretBitsAtMost(secret: string): number {
  const bitsPerCharacter = alphabets.find(([pattern]) => pattern.test(secret))?.[1] ?? Math.log2(94);
  return Math.floor(secret.length * bitsPerCharacter);
}
