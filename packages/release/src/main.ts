import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { architectures } from './bundle/architecture.ts';
import { packageAll } from './package-all.ts';
import { repositoryPath } from './repository.ts';

const help = `Usage: npm run package [-- FLAGS]

Builds Debian packages, archives, tarballs for npm, a bill of materials and checksums into dist-packages/.
  --quick              compresses less: larger files in a third of the time
  --architecture NAME  only for x64 or arm64
  --help               this text
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    architecture: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const architecture = architectures.find((each) => each === values.architecture);
if (values.help === true) {
  process.stdout.write(help);
} else if (values.architecture !== undefined && architecture === undefined) {
  process.stderr.write(`--architecture is "${values.architecture}"; it must be one of ${architectures.join(', ')}.\n`);
  process.exitCode = 2;
} else {
  const out = repositoryPath('dist-packages');
  rmSync(out, { recursive: true, force: true });
  packageAll({ out, isQuick: values.quick, architecture });
}
