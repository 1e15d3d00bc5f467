import type { Configuration } from './configuration.ts';
import { type KeyName, keysOf } from './keys.ts';

/** Returns the keys whose values, or the secrets in the files that they name, differ between two configurations of one role. */
export function changedKeys(before: Configuration, after: Configuration): readonly KeyName[] {
  return keysOf(before.role)
    .map((key) => key.name)
    .filter((name) => contentOf(before, name) !== contentOf(after, name));
}

function contentOf({ keyValues, secretDigests }: Configuration, name: KeyName): string {
  return JSON.stringify([keyValues[name], secretDigests[name]]);
}
