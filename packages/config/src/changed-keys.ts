import type { Configuration } from './configuration.ts';
import { type KeyName, keysOf } from './keys.ts';

/** The keys whose values differ between two configurations of one role. */
export function changedKeys(before: Configuration, after: Configuration): readonly KeyName[] {
  return keysOf(before.role)
    .map((key) => key.name)
    .filter((name) => JSON.stringify(before.keyValues[name]) !== JSON.stringify(after.keyValues[name]));
}
