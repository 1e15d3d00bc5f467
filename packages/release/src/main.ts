import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { roles } from '@navalis/config';
import { buildArchive } from './archive/archive.ts';
import { architectures } from './bundle/architecture.ts';
import { buildRolePackage, buildRuntimePackage } from './debian/packages.ts';
import { repositoryPath } from './repository.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    architecture: { type: 'string' },
    out: { type: 'string' },
  },
});
const { SOURCE_DATE_EPOCH } = process.env;
const commitTime = SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct'], { cwd: repositoryPath('.') });
const options = {
  out: values.out ?? repositoryPath('dist-packages'),
  date: new Date(Number(commitTime) * 1000),
  isQuick: values.quick,
};

const chosen = architectures.filter((each) => values.architecture === undefined || values.architecture === each);
if (chosen.length === 0) throw new Error(`--architecture is "${values.architecture}"; it must be x64 or arm64.`);
const steps: (() => string)[] = [
  ...roles.map((role) => () => buildRolePackage(role, options)),
  ...chosen.map((architecture) => () => buildRuntimePackage(architecture, options)),
  ...chosen.flatMap((architecture) => roles.map((role) => () => buildArchive(role, architecture, options))),
];
for (const step of steps) {
  const startedAt = performance.now();
  const path = step();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const megabytes = (statSync(path).size / 1e6).toFixed(2);
  process.stdout.write(`${basename(path).padEnd(44)} ${megabytes.padStart(8)} MB ${seconds.padStart(6)} s\n`);
}
