import { dirname } from 'node:path';
import { defaultConfigurationPath, type Role } from '@navalis/config';
import type { Architecture } from '../bundle/architecture.ts';
import { purgeLines, removeInstanceLinks } from '../texts/purge.ts';
import { instancesOf } from '../texts/unit.ts';

export interface InstallOptions {
  readonly role: Role;
  readonly architecture: Architecture;
  /** The files of the archive for /usr/local/share. */
  readonly shared: readonly string[];
}

/** Returns `install.sh` and `uninstall.sh` of an archive. */
export function installScripts(options: InstallOptions): { install: string; uninstall: string } {
  const { role } = options;
  const name = `teredo-${role}`;
  const links = [`bin/${name}`, ...options.shared.map((path) => `share/${path}`)];
  // Not in /etc, where a unit could not be masked.
  const unitFolder = '/usr/local/lib/systemd/system';
  const instances = instancesOf(role);
  const units = [`${name}.service`, ...(instances === undefined ? [] : [`${name}@.service`])];
  const installed = { role, name, links: links.join(' '), unitFolder, units, instances, target: `/opt/${name}` };
  return { install: install(installed, options.architecture), uninstall: uninstall(installed) };
}

interface Installed {
  readonly role: Role;
  readonly name: string;
  /** Places in the archive and below /usr/local. */
  readonly links: string;
  readonly unitFolder: string;
  readonly units: readonly string[];
  /** The pattern of the instances of a template. */
  readonly instances: string | undefined;
  readonly target: string;
}

function install(
  { role, name, links, unitFolder, units, instances, target }: Installed,
  architecture: Architecture,
): string {
  const configuration = defaultConfigurationPath(role);
  return `#!/bin/sh
# Installs ${name} into ${target}, with links in /usr/local, or upgrades it. Needs root.
set -eu
# Every user may read what it installs.
umask 022
target=${target}
fail() {
  echo "$1" >&2
  exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" -eq 0 ] || fail "Run this script as root."
[ "$here" != "$target" ] || fail "Run this script in the unpacked archive, not in $target."
"$here/bin/${name}" --version >/dev/null 2>&1 ||
  fail "The program does not run on this machine: the archive is for ${architecture} with glibc 2.28 or later."
for path in ${links}; do
  if [ -e "/usr/local/$path" ] && [ "$(readlink "/usr/local/$path")" != "$target/$path" ]; then
    fail "/usr/local/$path belongs to another installation. Remove that first."
  fi
done
# A run that was interrupted leaves one of these.
if [ ! -e "$target" ] && [ -e "$target.old" ]; then
  mv "$target.old" "$target"
fi
rm -rf "$target.new" "$target.old"
mkdir -p "$(dirname "$target")"
cp -R "$here" "$target.new"
if [ -e "$target" ]; then
  if [ -e "$target/made-folders" ]; then
    cp "$target/made-folders" "$target.new"
  fi
  mv "$target" "$target.old"
fi
chown -R 0:0 "$target.new"
mv "$target.new" "$target"
rm -rf "$target.old"
# Remembers each folder that it makes.
make_folder() {
  if [ ! -d "$1" ]; then
    make_folder "$(dirname "$1")"
    mkdir "$1"
    echo "$1" >>"$target/made-folders"
  fi
}
for path in ${links}; do
  make_folder "/usr/local/$(dirname "$path")"
  ln -sf "$target/$path" "/usr/local/$path"
done
make_folder ${unitFolder}
${units.map((unit) => `cp "$target/${unit}" ${unitFolder}\n`).join('')}mkdir -p ${dirname(configuration)}
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # A service that runs goes on with the new program; one that is masked stays so.
  systemctl try-restart ${name}${quoted(instances)} || true
fi
if [ ! -e ${configuration} ]; then
  cp "$target/${role}.toml" ${configuration}
  echo "Edit ${configuration}, then run: systemctl enable --now ${name}"
fi
`;
}

function uninstall({ role, name, links, unitFolder, units, instances, target }: Installed): string {
  return `#!/bin/sh
# Stops ${name} and removes what install.sh installed; with --purge also configuration, state and secrets. Needs root.
set -eu
case "\${1-}" in
  '' | --purge) ;;
  *)
    echo "Usage: $0 [--purge]" >&2
    exit 2
    ;;
esac
if [ "$(id -u)" -ne 0 ]; then
  echo "Run this script as root." >&2
  exit 1
fi
if [ -d /run/systemd/system ]; then
  systemctl stop ${name}${quoted(instances)} || true
  systemctl --quiet disable ${name} || true
fi
${removeInstanceLinks(role)
  .map((line) => `${line}\n`)
  .join('')}rm -f${units.map((unit) => ` ${unitFolder}/${unit}`).join('')}
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
for path in ${links}; do
  if [ "$(readlink "/usr/local/$path")" = "${target}/$path" ]; then
    rm "/usr/local/$path"
  fi
done
if [ -e ${target}/made-folders ]; then
  sort -ru ${target}/made-folders | while read -r folder; do
    rmdir "$folder" 2>/dev/null || true
  done
fi
if [ "\${1-}" = --purge ]; then
  rm -f ${defaultConfigurationPath(role)}
${purgeLines(role)
  .map((line) => `  ${line}\n`)
  .join('')}fi
rm -rf ${target} ${target}.new ${target}.old
`;
}

/** Returns a further argument of a shell command, which the shell must not expand. */
function quoted(pattern: string | undefined): string {
  return pattern === undefined ? '' : ` '${pattern}'`;
}
