import { defaultConfigurationPath, type Role } from '@navalis/config';

/** Returns `install.sh` and `uninstall.sh` of an archive. `shared` are its files for /usr/local/share. */
export function installScripts(role: Role, shared: readonly string[]): { install: string; uninstall: string } {
  const name = `teredo-${role}`;
  const configuration = defaultConfigurationPath(role);
  const unit = `/etc/systemd/system/${name}.service`;
  const links = [`bin/${name}`, ...shared.map((path) => `share/${path}`)];
  return {
    install: `#!/bin/sh
# Installs ${name} into /opt/${name}, with links in /usr/local, or upgrades it. Needs root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=/opt/${name}
if [ "$here" = "$target" ]; then
  echo "Run this script in the unpacked archive, not in $target." >&2
  exit 1
fi
rm -rf "$target.new"
cp -R "$here" "$target.new"
if [ -e "$target/made-folders" ]; then
  cp "$target/made-folders" "$target.new"
fi
chown -R 0:0 "$target.new"
rm -rf "$target"
mv "$target.new" "$target"
# Remembers each folder that it makes.
make_folder() {
  if [ ! -d "$1" ]; then
    make_folder "$(dirname "$1")"
    mkdir "$1"
    echo "$1" >>"$target/made-folders"
  fi
}
for path in ${links.join(' ')}; do
  make_folder "/usr/local/$(dirname "$path")"
  ln -sf "$target/$path" "/usr/local/$path"
done
mkdir -p ${configuration.replace(/\/[^/]*$/, '')}
if [ ! -e ${configuration} ]; then
  cp "$target/${role}.toml" ${configuration}
fi
if [ -d /etc/systemd/system ]; then
  cp "$target/${name}.service" ${unit}
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # A service that runs goes on with the new program.
  systemctl try-restart ${name}
fi
echo "Edit ${configuration}, then run: systemctl enable --now ${name}"
`,
    uninstall: `#!/bin/sh
# Stops ${name} and removes what install.sh installed; with --purge the configuration and the state, too. Needs root.
set -eu
if [ -d /run/systemd/system ]; then
  systemctl disable --now ${name} || true
fi
rm -f ${unit}
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
for path in ${links.join(' ')}; do
  rm -f "/usr/local/$path"
done
if [ -e /opt/${name}/made-folders ]; then
  sort -r /opt/${name}/made-folders | while read -r folder; do
    rmdir "$folder" 2>/dev/null || true
  done
fi
if [ "\${1-}" = --purge ]; then
  rm -rf ${configuration} /var/lib/${name} /var/lib/private/${name}
  rmdir ${configuration.replace(/\/[^/]*$/, '')} 2>/dev/null || true
fi
rm -rf /opt/${name}
`,
  };
}
