import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Role } from '../programs/navalis.ts';
import { repositoryPath } from '../repository.ts';

export interface SystemdRootOptions {
  /** The programs whose units are enabled. */
  readonly roles: readonly Role[];
  /** Further files, by absolute path. */
  readonly files: Readonly<Record<string, FileContent>>;
}

export interface FileContent {
  readonly text: string;
  /** Default: 0644. */
  readonly mode?: number;
}

/** Units of the host's systemd that a machine of the laboratory does not need. */
const masked: readonly string[] = [
  'console-getty.service',
  'dbus.service',
  'dbus.socket',
  'getty.target',
  'ldconfig.service',
  'systemd-firstboot.service',
  'systemd-hwdb-update.service',
  'systemd-journal-catalog-update.service',
  'systemd-logind.service',
  'systemd-sysusers.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-tmpfiles-setup.service',
  'systemd-update-done.service',
  'systemd-update-utmp-runlevel.service',
  'systemd-update-utmp.service',
  'systemd-user-sessions.service',
];

/** As udev makes it: open to every user. The container's own /dev has none. */
const tunnelDevice = `[Unit]
DefaultDependencies=no
After=kmod-static-nodes.service
Before=basic.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /dev/net; test -c /dev/net/tun || mknod /dev/net/tun c 10 200; chmod 666 /dev/net/tun'
RemainAfterExit=yes
`;

/**
 * Fills the folder with the files that a machine needs to boot systemd beside a mounted /usr: a few files in /etc, our units as
 * shipped, and our programs.
 */
export function createSystemdRoot(root: string, options: SystemdRootOptions): void {
  for (const folder of [
    'usr',
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'var/log/journal',
    'var/tmp',
    repositoryMount,
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder));
  const put = (path: string, { text, mode = 0o644 }: FileContent) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  put('/etc/os-release', { text: 'ID=laboratory\n' });
  put('/etc/machine-id', { text: `${randomBytes(16).toString('hex')}\n` });
  put('/etc/passwd', { text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n' });
  put('/etc/group', { text: 'root:x:0:\nnogroup:x:65534:\n' });
  put('/etc/nsswitch.conf', { text: 'passwd: files systemd\ngroup: files systemd\nhosts: files dns\n' });
  const link = (target: string, path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  link('/usr/lib/systemd/system/multi-user.target', unitPath('default.target'));
  addTunnelDevice(root);
  for (const unit of masked) link('/dev/null', unitPath(unit));
  for (const role of options.roles) {
    // As npm installs them in /opt/navalis, and as "systemctl enable" links the unit.
    const unit = `teredo-${role}.service`;
    const installed = `/opt/navalis/node_modules/teredo-${role}/systemd/${unit}`;
    put(installed, { text: readFileSync(repositoryPath(`apps/${role}/systemd/${unit}`), 'utf8') });
    link(installed, unitPath(unit));
    link(installed, unitPath(`multi-user.target.wants/${unit}`));
    const program = `exec ${process.execPath} ${repositoryMount}/apps/${role}/dist/main.js "$@"`;
    put(`/opt/navalis/node_modules/.bin/teredo-${role}`, { text: `#!/bin/sh\n${program}\n`, mode: 0o755 });
  }
  for (const [path, content] of Object.entries(options.files)) put(path, content);
}

/** Gives a machine a unit that makes /dev/net/tun. */
export function addTunnelDevice(root: string): void {
  const wants = join(root, unitPath('sysinit.target.wants'));
  mkdirSync(wants, { recursive: true });
  writeFileSync(join(root, unitPath('tunnel-device.service')), tunnelDevice);
  symlinkSync(unitPath('tunnel-device.service'), join(wants, 'tunnel-device.service'));
}

/** Where a machine sees this repository: not below /root, /home or /tmp, which the units hide. */
export const repositoryMount = '/opt/navalis/repository';

/** The interpreter's folder, where it is not below /usr. */
export function interpreterMounts(): readonly string[] {
  const folder = dirname(dirname(process.execPath));
  return folder.startsWith('/usr') || !existsSync(folder) ? [] : [`--bind-ro=${folder}`];
}

function unitPath(name: string): string {
  return `/etc/systemd/system/${name}`;
}
