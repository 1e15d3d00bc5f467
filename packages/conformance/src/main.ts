import { parseArgs } from 'node:util';
import { coverageOf, isSound } from './coverage.ts';
import { formatCoverage, formatMissing, formatTests } from './report.ts';
import {
  generatedPages,
  repositoryChecklist,
  repositoryNotDone,
  repositoryTaggedTests,
  repositoryTestReports,
  writePage,
} from './repository.ts';

const usage = `Usage: npm run conformance -- [--titles] [--json | --missing [AREA...] | --tests ID... | --links]

Prints, for each area of docs/conformance, how many rows have a test that names them in its title and passed in the last run
(npm test), and the rows that docs/not-done.md leaves out for now.
  --titles             counts tests by their titles alone, whether they ran or not
  --missing [AREA...]  instead lists the rows without a test, of the areas named or of all
  --tests ID...        instead lists the tests of these rows
  --json               instead prints everything as JSON
  --links              instead writes the tables of test files in docs/conformance and the index of docs/decisions
The exit status is 1 when
  - a package has no report of its tests, or a test failed;
  - a row of an area declared complete, or a clause of any row, has no test;
  - docs/not-done.md excuses a row that has a test or does not exist;
  - a title names an ID that the checklist does not have, or a row instead of its clause;
  - a test that never runs names a row;
  - a table that --links writes is out of date.`;

// A reader such as `head` may close the pipe early.
process.stdout.on('error', () => process.exit());
process.exitCode = main();

function main(): number {
  const parsed = readArguments();
  if (parsed === undefined) return 2;
  const { values, positionals } = parsed;
  if (values.help) {
    print(usage);
    return 0;
  }
  const rows = repositoryChecklist();
  const unknown = positionals.find((name) => !rows.some((row) => (values.tests ? row.id : row.area) === name));
  if (unknown !== undefined) {
    print(`The checklist has no ${values.tests ? 'row' : 'area'} ${unknown}.`);
    return 2;
  }
  if (values.links) {
    for (const page of generatedPages()) writePage(page);
    return 0;
  }
  if (values.tests) {
    print(
      formatTests(
        rows.filter((row) => positionals.includes(row.id)),
        repositoryTaggedTests(),
      ),
    );
    return 0;
  }
  const run = values.titles ? undefined : lastRun();
  const coverage = coverageOf(rows, repositoryTaggedTests(), repositoryNotDone(), run?.proved);
  if (values.json) print(JSON.stringify(coverage, null, 2));
  else print(values.missing ? formatMissing(coverage, positionals) : formatCoverage(coverage));
  const problems = [...(run?.problems ?? []), ...outdatedPages()];
  for (const problem of problems) print(problem);
  return isSound(coverage) && problems.length === 0 ? 0 : 1;
}

/** Returns the IDs that the last run of the tests proved, and the problems with its reports. */
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

function outdatedPages(): string[] {
  return generatedPages().flatMap(({ path, text, current }) =>
    text === current ? [] : [`${path} is out of date. Run npm run conformance -- --links.`],
  );
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        titles: { type: 'boolean' },
        missing: { type: 'boolean' },
        tests: { type: 'boolean' },
        links: { type: 'boolean' },
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
