// Changes the sources of core packages, one place at a time, and tells which changes no test notices.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPackage } from './package-run.ts';
import { corePackages } from './packages.ts';
import { formatFindings, formatScore, isSurvivor, scoreOf } from './report.ts';

const usage = `Usage: npm run mutation -- [PACKAGE...] [options]

Changes the sources of core packages, one place at a time, runs the tests that reach it, and prints the changes that no test
notices, and the share of those noticed. Packages: ${corePackages.join(', ')} (all without a name).
  --file TEXT       only sources whose path contains this text
  --line N          only changes that start on this line
  --tests FOLDER    also the tests of this folder, such as packages/simnet; may be repeated
  --at-least N      exit status 1 when a package is below this percentage
  --processes N     how many at a time (1)
  --root FOLDER     another checkout of this repository
  --json            instead prints survivors as entries for packages/mutation/justified
  --help            this text
Details of the last run stand in node_modules/.cache/mutation/PACKAGE.json.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      file: { type: 'string', default: '' },
      line: { type: 'string' },
      tests: { type: 'string', multiple: true, default: [] },
      'at-least': { type: 'string', default: '0' },
      processes: { type: 'string', default: '1' },
      root: { type: 'string', default: fileURLToPath(new URL('../../../', import.meta.url)) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknownName = positionals.find((name) => !corePackages.includes(name));
  if (values.help || unknownName !== undefined) {
    print(unknownName === undefined ? usage : `${unknownName} is no core package: ${corePackages.join(', ')}.`);
    return values.help ? 0 : 2;
  }
  const root = values.root.replace(/\/$/, '');
  let enough = true;
  for (const name of positionals.length > 0 ? positionals : corePackages) {
    const run = await runPackage(name, {
      root,
      file: values.file,
      line: values.line === undefined ? undefined : Number(values.line),
      moreTests: values.tests,
      processes: Number(values.processes),
    });
    if (values.json) {
      print(
        JSON.stringify(
          run.tried.filter(isSurvivor).map(({ description }) => description),
          null,
          2,
        ),
      );
    } else {
      for (const finding of formatFindings(run)) print(finding);
      print(formatScore(run));
    }
    enough &&= scoreOf(run).percent >= Number(values['at-least']);
    keep(root, name, run);
  }
  return enough ? 0 : 1;
}

function keep(root: string, name: string, run: unknown): void {
  const folder = join(root, 'node_modules/.cache/mutation');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(run, null, 1));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
