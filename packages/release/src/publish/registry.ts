import { join } from 'node:path';
import { emptyFolder, writeFile } from '../files.ts';
import { run } from '../run.ts';

/** The proof that the caller may publish. */
export interface RegistryAccess {
  /** Without it npm's own configuration must have one. */
  readonly token: string | undefined;
}

/**
 * Runs npm with these arguments, and returns its output.
 * @throws Error with what it wrote when it fails.
 */
export type Npm = (...args: readonly string[]) => string;

/** Returns npm for one registry. */
export function npmFor(registry: string, { token }: RegistryAccess): Npm {
  const { GITHUB_ACTIONS } = process.env;
  const home = emptyFolder('npm');
  const place = new URL(registry);
  // npm replaces the name, so that no file has the token.
  writeFile(join(home, 'npmrc'), `//${place.host}${place.pathname}:_authToken=\${NPM_TOKEN}\n`);
  const options = [
    `--registry=${registry}`,
    ...(token === undefined ? [] : [`--userconfig=${join(home, 'npmrc')}`]),
    // The proof of origin needs the service that builds the release.
    ...(GITHUB_ACTIONS === 'true' ? [] : ['--provenance=false']),
  ];
  return (...args) => run('npm', [...args, ...options], { cwd: home, env: { ...process.env, NPM_TOKEN: token } });
}

/**
 * Asks a registry for a sign of life, so that nobody builds for an hour to learn that it is away.
 * @throws Error when it gives none.
 */
export function requireRegistry(registry: string, access: RegistryAccess): void {
  try {
    npmFor(registry, access)('ping', '--fetch-retries=0', '--loglevel=error');
  } catch (cause) {
    throw new Error(`The registry ${registry} does not answer; --registry names another one.`, { cause });
  }
}
