import { createHash } from 'node:crypto';
import type { SecureCredentials } from '@navalis/wire';

/** Returns a digest that distinguishes contents of a secret file without revealing them; for comparisons, not for logs. */
export function digestOf(secrets: readonly (SecureCredentials & { readonly shouldRenew?: boolean })[]): string {
  const hash = createHash('sha256');
  for (const { clientIdentifier, secret, algorithm, shouldRenew } of secrets) {
    for (const part of [clientIdentifier, secret, algorithm, String(shouldRenew)]) {
      hash.update(`${part.length}:`).update(part);
    }
  }
  return hash.digest('hex');
}
