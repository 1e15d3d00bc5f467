import type { Role } from '@navalis/config';

/** The secrets that the documentation tells operators to keep in /etc/navalis, and the other program that shares them. */
const secrets: Readonly<Record<Role, { readonly files: string; readonly sharer?: Role }>> = {
  client: { files: 'secret turn', sharer: 'host-relay' },
  'host-relay': { files: 'secret turn', sharer: 'client' },
  server: { files: 'client-keys' },
  relay: { files: '' },
};

/** Returns the scripts of a program's package, by name: as debhelper writes them for a service that is not enabled at once. */
export function maintainerScripts(role: Role): Readonly<Record<string, string>> {
  const name = `teredo-${role}`;
  const unit = `${name}.service`;
  return {
    postinst: `#!/bin/sh
set -e
case "$1" in
  configure | abort-upgrade | abort-deconfigure | abort-remove)
    if deb-systemd-helper debian-installed ${unit}; then
      # Removes the mask that the removal of the package set.
      deb-systemd-helper unmask ${unit} >/dev/null || true
      if deb-systemd-helper --quiet was-enabled ${unit}; then
        deb-systemd-helper enable ${unit} >/dev/null || true
      fi
    fi
    deb-systemd-helper update-state ${unit} >/dev/null || true
    if [ -d /run/systemd/system ]; then
      systemctl --system daemon-reload >/dev/null || true
      # A service that runs goes on with the new program.
      if [ -n "$2" ]; then deb-systemd-invoke try-restart ${unit} >/dev/null || true; fi
    fi
    if [ "$1" = configure ] && [ -z "$2" ]; then
      echo "${name}: edit /etc/navalis/${role}.toml, then run: systemctl enable --now ${name}"
    fi
    ;;
esac
`,
    prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop ${unit} >/dev/null || true
fi
`,
    postrm: `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ]; then
  if command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper purge ${unit} >/dev/null || true
  fi
  rm -rf /var/lib/${name} /var/lib/private/${name} /var/cache/private/${name} /run/${name}
${purgedSecrets(role)}fi
`,
  };
}

function purgedSecrets(role: Role): string {
  const { files, sharer } = secrets[role];
  if (files === '') return '';
  const paths = files.split(' ').map((file) => `/etc/navalis/${file}`);
  const removal = `rm -f ${paths.join(' ')}`;
  const step = sharer === undefined ? removal : `test -e /etc/navalis/${sharer}.toml || ${removal}`;
  return `  ${step}\n  rmdir --ignore-fail-on-non-empty /etc/navalis 2>/dev/null || true\n`;
}
