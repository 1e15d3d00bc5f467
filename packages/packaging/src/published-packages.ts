import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The top of the repository; sources and built files of this package lie equally deep. */
export const repositoryRoot: URL = new URL('../../../', import.meta.url);

/** The files that an entry of a package leads to, by condition. */
type ManifestExport = Readonly<Record<string, string>>;

/** The parts of a package.json that matter to others. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, ManifestExport>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly keywords?: readonly string[];
  readonly files?: readonly string[];
  readonly os?: readonly string[];
  readonly sideEffects?: boolean;
  readonly publishConfig?: object;
}

export interface WorkspacePackage {
  /** From the top of the repository, such as `packages/wire`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Returns all packages and programs of the repository that are published. */
export function publishedPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** Returns all packages and programs of the repository. */
export function workspacePackages(): WorkspacePackage[] {
  return (
    ['packages', 'apps']
      .flatMap((group) => readdirSync(new URL(group, repositoryRoot)).map((name) => `${group}/${name}`))
      // A package that was renamed leaves a folder behind where it was built before.
      .filter((folder) => existsSync(new URL(`${folder}/package.json`, repositoryRoot)))
      .map((folder) => ({ folder, manifest: readManifest(folder) }))
  );
}

/** Reads the package.json of a folder; '.' is the workspace's own. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, repositoryRoot), 'utf8')) as Manifest;
}
