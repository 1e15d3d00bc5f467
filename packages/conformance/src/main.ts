import { parseArgs } from 'node:util';
import { coverageOf, isSound } from './coverage.ts';
import { formatCoverage, formatMissing } from './report.ts';
import { repositoryChecklist, repositoryNotDone, repositoryTaggedTests, repositoryTestReports } from './repository.ts';

const usage = `Usage: npm run conformance -- [--titles] [--json | --missing [AREA...]]

Prints, for each area of docs/conformance.md, how many rows have a test that names them in its title and passed in the last
run (npm test), and what docs/not-done.md leaves out for now.
  --titles             counts tests by their titles alone, whether they ran or not
  --missing [AREA...]  instead lists the rows without a test, of the areas named or of all
  --json               instead prints everything as JSON
The exit status is 1 when a package has no report of its tests or a test failed, when a row of an area declared complete or a
clause of any row has no test, when docs/not-done.md excuses what has one or
does not exist, when a title names an ID that the checklist does not have, or a row instead of its clause, or when a test that
never runs names one.`;

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
  const run = values.titles ? undefined : lastRun();
  const coverage = coverageOf(rows, repositoryTaggedTests(), repositoryNotDone(), run?.proved);
  if (values.json) print(JSON.stringify(coverage, null, 2));
  else print(values.missing ? formatMissing(coverage, positionals) : formatCoverage(coverage));
  for (const problem of run?.problems ?? []) print(problem);
  return isSound(coverage) && (run?.problems ?? []).length === 0 ? 0 : 1;
}

/** What the tests proved when they last ran, and why that cannot be relied on. */
function lastRun() {
  const reports = [...repositoryTestReports()];
  return {
    proved: new Set(reports.flatMap(([, report]) => report?.proved ?? [])),
    problems: reports.flatMap(([folder, report]) => {
      if (report === undefined) return [`${folder} has no report of its tests. Run npm test first.`];
      if (report.failed > 0) return [`${folder}: ${report.failed} tests failed.`];
      return report.outdated ? [`${folder}: tests changed after they ran. Run npm test again.`] : [];
    }),
  };
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        titles: { type: 'boolean' },
        missing: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    print(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
