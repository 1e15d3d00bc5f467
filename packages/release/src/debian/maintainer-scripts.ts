import type { Role } from '@navalis/config';
import { purgeLines, removeInstanceLinks } from '../texts/purge.ts';
import { instancesOf } from '../texts/unit.ts';

/** Returns the scripts of a program's package, by name: as debhelper writes them for a service that is not enabled at once. */
export function maintainerScripts(role: Role): Readonly<Record<string, string>> {
  const name = `teredo-${role}`;
  const unit = `${name}.service`;
  // The kernel forgets it at a boot, which starts the service itself.
  const instances = instancesOf(role);
  // deb-systemd-invoke takes no patterns.
  const forInstances = (verb: string) =>
    instances === undefined ? '' : `systemctl ${verb} '${instances}' >/dev/null || true`;
  const cameBack = `/run/${name}.came-back`;
  return {
    preinst: `#!/bin/sh
set -e
# The package was removed, and its configuration kept.
if [ "$1" = install ] && [ -n "$2" ]; then
  touch ${cameBack}
fi
`,
    postinst: `#!/bin/sh
set -e
case "$1" in
  configure | abort-upgrade | abort-deconfigure | abort-remove)
    if deb-systemd-helper --quiet was-enabled ${unit}; then
      deb-systemd-helper enable ${unit} >/dev/null || true
    fi
    deb-systemd-helper update-state ${unit} >/dev/null || true
    if [ -d /run/systemd/system ]; then
      systemctl --system daemon-reload >/dev/null || true
      if [ "$1" = abort-remove ] || [ -e ${cameBack} ]; then
        # The removal stopped it. This starts no service that is disabled or masked.
        deb-systemd-invoke start ${unit} >/dev/null 2>&1 || true
      elif [ -n "$2" ]; then
        # A service that runs goes on with the new program.
        deb-systemd-invoke try-restart ${unit} >/dev/null || true
${indented(8, forInstances('try-restart'))}      fi
    fi
    rm -f ${cameBack}
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
${indented(2, forInstances('stop'))}fi
`,
    postrm: `#!/bin/sh
set -e
rm -f ${cameBack}
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ]; then
  if command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper purge ${unit} >/dev/null || true
  fi
${[...removeInstanceLinks(role), ...purgeLines(role)].map((line) => indented(2, line)).join('')}fi
`,
  };
}

/** Returns a line of a script; none for an empty one. */
function indented(width: number, line: string): string {
  return line === '' ? '' : `${' '.repeat(width)}${line}\n`;
}
