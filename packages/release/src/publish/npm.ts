import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder, writeFile } from '../files.ts';
import { repositoryPath } from '../repository.ts';
import { run } from '../run.ts';

/** Packs every published package as a tarball for a registry; returns the folder. */
export function packForRegistry(out: string): string {
  const folder = join(out, 'npm');
  mkdirSync(folder, { recursive: true });
  const filters = publishedNames().map((name) => `--filter=${name}`);
  run(repositoryPath('node_modules/.bin/pnpm'), [...filters, 'pack', '--pack-destination', folder], {
    cwd: repositoryPath('.'),
  });
  return folder;
}

/**
 * Publishes the tarballs of a folder to a registry; returns their names. Without `token`, npm's own configuration must have one.
 * @throws Error when the registry refuses one, as it does for a version that it has.
 */
export function publishTo(
  registry: string,
  folder: string,
  { token, isDryRun }: { token: string | undefined; isDryRun: boolean },
): string[] {
  const { GITHUB_ACTIONS } = process.env;
  const home = emptyFolder('npm');
  const place = new URL(registry);
  if (token !== undefined)
    writeFile(join(home, 'npmrc'), `//${place.host}${place.pathname}:_authToken=${token}\n`, 0o600);
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  for (const name of tarballs) {
    const options = [
      `--registry=${registry}`,
      ...(token === undefined ? [] : [`--userconfig=${join(home, 'npmrc')}`]),
      // The proof of origin needs the service that builds the release.
      ...(GITHUB_ACTIONS === 'true' ? [] : ['--provenance=false']),
      ...(isDryRun ? ['--dry-run'] : []),
    ];
    run('npm', ['publish', join(folder, name), '--silent', ...options], { cwd: home });
  }
  return tarballs;
}

/** Returns the names of all packages of the repository that are not private. */
function publishedNames(): string[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(repositoryPath(group)).map((name) => `${group}/${name}/package.json`))
    .map((path) => JSON.parse(readFileSync(repositoryPath(path), 'utf8')) as { name: string; private?: boolean })
    .filter((manifest) => manifest.private !== true)
    .map(({ name }) => name);
}
