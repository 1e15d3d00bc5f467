import { defaultConfigurationPath, type Role } from '@navalis/config';
import { instancesOf, secretsOf } from './unit.ts';

/** Returns lines of a shell script that disable the instances of a template: systemctl knows only those that are loaded. */
export function removeInstanceLinks(role: Role): readonly string[] {
  const instances = instancesOf(role);
  return instances === undefined ? [] : [`rm -f /etc/systemd/system/*.wants/${instances}`];
}

/** Returns lines of a shell script that remove the state of a program, and the secrets in /etc/navalis that no other program uses. */
export function purgeLines(role: Role): readonly string[] {
  const name = `teredo-${role}`;
  return [
    `rm -rf /var/lib/${name} /var/lib/private/${name} /run/${name} /run/navalis/${name}.service`,
    ...secretsOf(role).map(({ path, others }) => {
      const guards = others.map((other) => `[ -e ${defaultConfigurationPath(other)} ] || `);
      return `${guards.join('')}rm -f ${path}`;
    }),
    'rmdir --ignore-fail-on-non-empty /etc/navalis 2>/dev/null || true',
  ];
}
