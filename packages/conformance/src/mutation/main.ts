// Removes one guard after the other from a copy of the repository and runs the tests that must fail.
import { parseArgs } from 'node:util';
import { mutations } from './mutations.ts';
import { ScratchCopy } from './scratch-copy.ts';
import { type Verdict, verdictOn } from './verdict.ts';

const usage = `Usage: npm run mutation-check [-- --only TEXT]

Removes ${mutations.length} guards from a copy of this repository, one at a time, and runs the tests of the packages concerned. Prints
which test fails. The exit status is 1 when no test fails without a guard, when the tests do not even start without it, or when
it is no longer found.
  --only TEXT   only guards that contain this text
  --help        prints this text`;

process.exitCode = main();

function main(): number {
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    print(usage);
    return 0;
  }
  const chosen = mutations.filter(({ guard }) => guard.includes(values.only ?? ''));
  if (chosen.length === 0) {
    print(`No guard contains "${values.only}".`);
    return 2;
  }
  const copy = ScratchCopy.ofRepository();
  try {
    const verdicts = chosen.map((mutation) => {
      const verdict = verdictOn(mutation, copy);
      print(formatVerdict(verdict));
      return verdict;
    });
    const noticed = verdicts.filter(({ kind }) => kind === 'noticed').length;
    print(`\n${noticed} of ${verdicts.length} guards have a test that fails without them.`);
    return noticed === verdicts.length ? 0 : 1;
  } finally {
    copy.remove();
  }
}

function formatVerdict({ kind, mutation, detail }: Verdict): string {
  const sign = kind === 'noticed' ? '+' : '-';
  return `${sign} ${mutation.guard} (${mutation.rows})\n    ${mutation.file}\n    ${kind}: ${detail}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
