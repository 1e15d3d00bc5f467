import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The top of the repository: sources and built files of this package are at the same depth. */
export const repositoryRoot: URL = new URL('../../../', import.meta.url);

/** The files of an entry of a package, by condition. */
type ManifestExport = Readonly<Record<string, string>>;

/** The parts of a package.json that concern users of the package. */
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
      // A renamed package leaves a folder without a manifest behind.
      .filter((folder) => existsSync(new URL(`${folder}/package.json`, repositoryRoot)))
      .map((folder) => ({ folder, manifest: readManifest(folder) }))
  );
}

/** Reads the package.json of a folder; `.` is the workspace itself. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, repositoryRoot), 'utf8')) as Manifest;
}
