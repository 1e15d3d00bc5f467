import { rmSync } from 'node:fs';
import { packageAll } from './package-all.ts';
import { packageHelp, readPackageRequest } from './package-request.ts';
import { repositoryPath } from './repository.ts';

const request = readPackageRequest(process.argv.slice(2));
if (request === 'help') {
  process.stdout.write(packageHelp);
} else if ('mistake' in request) {
  process.stderr.write(`${request.mistake}\n`);
  process.exitCode = 2;
} else {
  const out = repositoryPath('dist-packages');
  rmSync(out, { recursive: true, force: true });
  packageAll({ out, ...request });
}
