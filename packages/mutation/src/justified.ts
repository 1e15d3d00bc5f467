import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './instrument.ts';

/** A mutant that no test can notice, such as one that computes the same. */
export interface Justified {
  /** From the top of the repository. */
  readonly file: string;
  /** The line on which the mutated code starts, without leading and trailing space. */
  readonly line: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  /** Its number, from 1, among mutants with the same description. */
  readonly occurrence: number;
  /** Why the change makes no difference. */
  readonly reason: string;
}

/** The justified mutants of a package, from `packages/mutation/justified/NAME.json`; none without that file. */
export function justifiedIn(root: string, name: string): readonly Justified[] {
  const file = join(root, 'packages/mutation/justified', `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Justified[]) : [];
}

/** A mutant as it would stand in the file, without a reason. */
export function describeMutant(mutant: Mutant, lineText: string, occurrence: number): Justified {
  const { file, mutator, original, replacement } = mutant;
  return { file, line: lineText.trim(), mutator, original, replacement, occurrence, reason: '' };
}

/** Returns a key that stays the same for a mutant when its line moves. */
export function keyOf({ file, line, mutator, original, replacement, occurrence }: Justified): string {
  return JSON.stringify([file, line, mutator, original, replacement, occurrence]);
}
