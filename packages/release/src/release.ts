import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { emptyFolder } from './files.ts';
import { packageAll } from './package-all.ts';
import { type PublishOptions, publishTo } from './publish/npm.ts';
import { requireRegistry } from './publish/registry.ts';
import { appManifest, repositoryPath } from './repository.ts';
import { run } from './run.ts';

const help = `Usage: npm run release -- --registry URL [FLAGS]

Checks, versions, builds and packs all packages, writes checksums and a bill of materials, and publishes to the registry.
  --registry URL     the registry for npm packages
  --dry-run          changes and publishes nothing: keeps the versions, tells the new one, and asks npm what it would publish
  --checked          leaves the checks out: they passed for this commit
  --compare COMMIT   the commit to compare the speed with (the last release tag)
  --unmeasured       leaves that comparison out
  --publish-only     publishes what dist-packages/npm has and the registry has not, and does nothing else
  --help             this text
NPM_TOKEN is the token for the registry; without it npm's configuration counts.
`;

const { values } = parseArgs({
  options: {
    registry: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    checked: { type: 'boolean', default: false },
    compare: { type: 'string' },
    unmeasured: { type: 'boolean', default: false },
    'publish-only': { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
const out = repositoryPath('dist-packages');

if (values.help === true) {
  process.stdout.write(help);
} else if (values.registry === undefined || !URL.canParse(values.registry)) {
  process.stderr.write('--registry must be the URL of a registry, such as https://registry.npmjs.org/.\n');
  process.exitCode = 2;
} else {
  try {
    release(values.registry, values['dry-run']);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

function release(registry: string, isDryRun: boolean): void {
  const { NPM_TOKEN: token } = process.env;
  requireRegistry(registry, { token });
  if (!values['publish-only']) {
    if (!isDryRun) requireCommitted();
    // A commit that is worse must not get a version.
    if (!values.unmeasured) compareSpeed(values.compare ?? lastReleaseTag());
    prepare(isDryRun, values.checked);
  }
  publish(registry, { token, isDryRun });
}

function requireCommitted(): void {
  const changed = run('git', ['status', '--porcelain'], { cwd: repositoryPath('.') });
  if (changed !== '') throw new Error(`A release is made of committed files; these are not:\n${changed}`);
}

function prepare(isDryRun: boolean, isChecked: boolean): void {
  if (!isChecked) show('sh', ['.ci/run']);
  if (isDryRun) {
    const version = nextVersion();
    process.stdout.write(`Would set all versions to ${version}, commit "release: ${version}" and tag v${version}.\n`);
  } else {
    show('npx', ['changeset', 'version']);
    show('npx', ['pnpm', 'install', '--lockfile-only']);
    const { version } = appManifest('client');
    // The first release of a package makes a new file, its changelog.
    show('git', ['add', '--all']);
    show('git', ['commit', '--quiet', `--message=release: ${version}`]);
    show('git', ['tag', `v${version}`]);
  }
  show('npm', ['run', '--silent', 'build']);
  rmSync(out, { recursive: true, force: true });
  packageAll({ out, isQuick: false });
}

/** Ends with an error when this commit is slower than an earlier one. */
function compareSpeed(before: string | undefined): void {
  if (before === undefined) {
    process.stdout.write('No release tag to compare the speed with: --compare names a commit.\n');
    return;
  }
  show('npm', ['run', '--silent', 'bench:gate', '--', '--before', before]);
}

function lastReleaseTag(): string | undefined {
  const tags = run('git', ['tag', '--merged', 'HEAD', '--sort=-creatordate', '--list', 'v[0-9]*'], {
    cwd: repositoryPath('.'),
  });
  return tags.split('\n').find((tag) => tag !== '');
}

function publish(registry: string, options: PublishOptions): void {
  const { published, present } = publishTo(registry, join(out, 'npm'), options);
  const words = options.isDryRun ? 'would be published' : 'are published';
  const before = present.length === 0 ? '' : `; it had ${present.length} before`;
  process.stdout.write(`${published.length} packages ${words} to ${registry}${before}.\n`);
}

/** Returns the version that the changesets lead to. */
function nextVersion(): string {
  const file = join(emptyFolder('changesets'), 'status.json');
  show('npx', ['changeset', 'status', `--output=${relative(repositoryPath('.'), file)}`]);
  const { releases } = JSON.parse(readFileSync(file, 'utf8')) as { releases: { name: string; newVersion: string }[] };
  const { name, version } = appManifest('client');
  return releases.find((each) => each.name === name)?.newVersion ?? version;
}

/** Runs a step whose output the operator sees. */
function show(command: string, args: readonly string[]): void {
  process.stdout.write(`${[command, ...args].join(' ')}\n`);
  const { status } = spawnSync(command, args, { cwd: repositoryPath('.'), stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}.`);
}
