import { createHash } from 'node:crypto';
import type { SecureCredentials } from '@navalis/wire';

/** Returns a digest that distinguishes contents of a secret file without revealing them; for comparisons, not for logs. */
export function digestOf(secrets: readonly (SecureCredentials & { readonly shouldRenew?: boolean })[]): string {
  return digestOfParts(
    secrets.flatMap(({ clientIdentifier, secret, algorithm, shouldRenew }) => [
      clientIdentifier,
      secret,
      algorithm,
      String(shouldRenew),
    ]),
  );
}

/** The same of parts in their order. */
export function digestOfParts(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}
