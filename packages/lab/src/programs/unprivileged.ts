import { chownSync } from 'node:fs';
import type { Laboratory } from '../laboratory.ts';

/** Debian's `nobody` and `nogroup`. */
const nobody = 65_534;

export type Capability = 'net_admin' | 'net_raw';

/** Lets programs without root create their sockets in the laboratory's folder. */
export function openFolderToUnprivileged(laboratory: Laboratory): void {
  chownSync(laboratory.folder, nobody, nobody);
}

/**
 * Returns the command that starts a program with one capability and no other privilege of root, as under systemd. Its tunnel device is
 * open to every user, as udev makes it; the folder is that of its own mount namespace, which `ip netns exec` gives it.
 */
export function asNobodyWith(capability: Capability): readonly string[] {
  const tunnelDevice = 'mount -t tmpfs -o mode=755 tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200';
  const only = `-all,+${capability}`;
  return [
    ...['sh', '-c', `${tunnelDevice} && exec "$@"`, 'sh'],
    ...['setpriv', '--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', '--no-new-privs'],
    ...['--inh-caps', only, '--ambient-caps', only, '--bounding-set', only, '--'],
  ];
}
