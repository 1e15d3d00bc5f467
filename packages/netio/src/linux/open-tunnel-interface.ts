import type { NavalisError } from '@navalis/engine';
import { interfaceTaken, noTunnelDevice, systemCallFailed, tunnelNeedsPrivilege } from '../device-errors.ts';
import * as linux from '../kernel/constants.ts';
import { errno } from '../kernel/errno.ts';
import type { LinuxMachine } from './linux-machine.ts';

/** Where `struct ifreq` has its flags, after the name. */
const flagsOffset = 16;
const requestOctets = 40;

/** Creates a tunnel interface that vanishes with the descriptor; answers the descriptor. */
export function openTunnelInterface(machine: LinuxMachine, name: string, path = '/dev/net/tun'): number {
  const { calls, arena, scratch } = machine;
  const descriptor = calls.open(path, linux.O_RDWR | linux.O_NONBLOCK | linux.O_CLOEXEC);
  if (descriptor < 0) throw openError(path, name, calls.errno());
  arena.bytes.fill(0, scratch, scratch + requestOctets);
  for (let index = 0; index < name.length; index++) arena.bytes[scratch + index] = name.charCodeAt(index);
  arena.uint16[(scratch + flagsOffset) >>> 1] = linux.IFF_TUN | linux.IFF_NO_PI | linux.IFF_TUN_EXCL;
  if (calls.ioctl(descriptor, linux.TUNSETIFF, arena.address(scratch)) < 0) {
    const error = calls.errno();
    calls.close(descriptor);
    throw createError(name, error);
  }
  return descriptor;
}

function openError(path: string, name: string, error: number): NavalisError {
  if (error === errno.ENOENT || error === errno.ENODEV || error === errno.ENXIO) return noTunnelDevice(path);
  if (error === errno.EPERM || error === errno.EACCES) return tunnelNeedsPrivilege(name);
  return systemCallFailed(`open ${path}`, error);
}

function createError(name: string, error: number): NavalisError {
  if (error === errno.EBUSY) return interfaceTaken(name);
  if (error === errno.EPERM || error === errno.EACCES) return tunnelNeedsPrivilege(name);
  return systemCallFailed(`create the interface ${name}`, error);
}
