import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Role } from '@navalis/config';
import type { Architecture } from '../bundle/architecture.ts';
import { copyModule } from '../bundle/copy-module.ts';
import { copyrightText } from '../bundle/copyright.ts';
import { modulesOf } from '../bundle/modules.ts';
import { fetchNode } from '../bundle/node.ts';
import { emptyFolder, normalize, writeFile } from '../files.ts';
import { appManifest } from '../repository.ts';
import { run } from '../run.ts';
import { sharedFiles } from '../texts/files.ts';
import { sampleConfiguration } from '../texts/sample-configuration.ts';
import { unitsFor } from '../texts/unit.ts';
import { installScripts } from './install-scripts.ts';

/** Builds the archive of a program with its own Node, for any Linux with glibc 2.28; returns its path. */
export function buildArchive(
  role: Role,
  architecture: Architecture,
  options: { out: string; date: Date; isQuick: boolean },
): string {
  const { name, version } = appManifest(role);
  const folder = `${name}-${version}-linux-${architecture}`;
  const root = join(emptyFolder(`archives/${folder}`), folder);
  const modules = modulesOf(role, architecture);
  for (const module of modules) copyModule(module, join(root, 'lib/node_modules'));
  const node = fetchNode(architecture);
  mkdirSync(join(root, 'libexec'));
  cpSync(node.binary, join(root, 'libexec/node'));
  writeFile(join(root, 'bin', name), launcher(name), 0o755);
  // Debian has folders of its own for what packages bring; all others read these.
  const shared = Object.entries(sharedFiles(role, options.date)).map(
    ([path, text]) => [path.replace('zsh/vendor-completions', 'zsh/site-functions'), text] as const,
  );
  for (const [path, text] of shared) writeFile(join(root, 'share', path), text);
  writeFile(join(root, `${role}.toml`), sampleConfiguration(role));
  const units = unitsFor(role, `/opt/${name}/bin/${name}`);
  for (const [unit, text] of Object.entries(units)) writeFile(join(root, unit), text);
  writeFile(join(root, 'LICENSES'), copyrightText({ modules, node, isForDebian: false }));
  const { install, uninstall } = installScripts({ role, architecture, shared: shared.map(([path]) => path) });
  writeFile(join(root, 'install.sh'), install, 0o755);
  writeFile(join(root, 'uninstall.sh'), uninstall, 0o755);
  normalize(root, options.date);
  const path = join(options.out, `${folder}.tar.gz`);
  mkdirSync(options.out, { recursive: true });
  const owner = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const compressor = `--use-compress-program=gzip --no-name ${options.isQuick ? '-1' : '-9'}`;
  run('tar', [...owner, compressor, '-cf', `${path}.part`, '-C', dirname(root), folder]);
  renameSync(`${path}.part`, path);
  return path;
}

/** Finds its folder through links. */
function launcher(name: string): string {
  return `#!/bin/sh
top=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$top/libexec/node" "$top/lib/node_modules/${name}/dist/main.js" "$@"
`;
}
