import { parseArgs } from 'node:util';
import { coverageOf, isSound } from './coverage.ts';
import { formatCoverage, formatMissing } from './report.ts';
import { repositoryChecklist, repositoryNotDone, repositoryTaggedTests } from './repository.ts';

const usage = `Usage: npm run conformance -- [--json | --missing [AREA...]]

Prints, for each area of docs/conformance.md, how many rows have a test that names them in its title, and what docs/not-done.md
leaves out for now.
  --missing [AREA...]  instead lists the rows without a test, of the areas named or of all
  --json               instead prints everything as JSON
The exit status is 1 when a row of an area declared complete has no test, when docs/not-done.md excuses what has one or
does not exist, when a title names an ID that the checklist does not have, or when a test that never runs names one.`;

// A reader such as `head` may close the pipe early.
process.stdout.on('error', () => process.exit());
process.exitCode = main();

function main(): number {
  const asked = readArguments();
  if (asked === undefined) return 2;
  const { values, positionals } = asked;
  if (values.help) {
    print(usage);
    return 0;
  }
  const rows = repositoryChecklist();
  const stranger = positionals.find((area) => !rows.some((row) => row.area === area));
  if (stranger !== undefined) {
    print(`${stranger} is no area of the checklist.`);
    return 2;
  }
  const coverage = coverageOf(rows, repositoryTaggedTests(), repositoryNotDone());
  if (values.json) print(JSON.stringify(coverage, null, 2));
  else print(values.missing ? formatMissing(coverage, positionals) : formatCoverage(coverage));
  return isSound(coverage) ? 0 : 1;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { missing: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    print(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
