import type { DeviceError } from '../../device-error-code.ts';
import { interfaceTaken, noTunnelDevice, systemCallFailed, tunnelNeedsPrivilege } from '../../device-errors.ts';
import * as linux from '../../kernel/constants.ts';
import { errno } from '../../kernel/errno.ts';
import type { Offload } from '../../netio.ts';
import { interfaceFieldOffset, writeInterfaceRequest } from '../interface-request.ts';
import type { LinuxMachine } from '../linux-machine.ts';

/** Bare packets behind a `struct virtio_net_hdr`, on an interface that must be new. */
const tunnelFlags = linux.IFF_TUN | linux.IFF_NO_PI | linux.IFF_TUN_EXCL | linux.IFF_VNET_HDR;

export interface OpenedTunnel {
  readonly descriptor: number;
  readonly offloads: readonly Offload[];
}

/** Features to request from the kernel, most first: kernels before 6.2 do not support super-segments of UDP. */
const offloadChoices: readonly (readonly [features: number, offloads: readonly Offload[]])[] = [
  [linux.TUN_F_CSUM | linux.TUN_F_TSO6 | linux.TUN_F_USO, ['checksum', 'tcp-segments', 'udp-segments']],
  [linux.TUN_F_CSUM | linux.TUN_F_TSO6, ['checksum', 'tcp-segments']],
  [linux.TUN_F_CSUM, ['checksum']],
];

/** Creates a tunnel interface that vanishes with the descriptor. */
export function openTunnelInterface(machine: LinuxMachine, name: string, path = '/dev/net/tun'): OpenedTunnel {
  const { calls, arena, scratch } = machine;
  const descriptor = calls.open(path, linux.O_RDWR | linux.O_NONBLOCK | linux.O_CLOEXEC);
  if (descriptor < 0) throw openError(path, name, calls.errno());
  const request = writeInterfaceRequest(machine, name);
  arena.uint16[(scratch + interfaceFieldOffset) >>> 1] = tunnelFlags;
  if (calls.ioctl(descriptor, linux.TUNSETIFF, request) < 0) {
    const error = calls.errno();
    calls.close(descriptor);
    throw createError(name, error);
  }
  return { descriptor, offloads: machine.offload ? chooseOffloads(machine, descriptor) : [] };
}

function chooseOffloads({ calls }: LinuxMachine, descriptor: number): readonly Offload[] {
  const accepted = offloadChoices.find(([features]) => calls.ioctl(descriptor, linux.TUNSETOFFLOAD, features) === 0);
  return accepted?.[1] ?? [];
}

function openError(path: string, name: string, error: number): DeviceError {
  if (error === errno.ENOENT || error === errno.ENODEV || error === errno.ENXIO) return noTunnelDevice(path);
  if (error === errno.EPERM || error === errno.EACCES) return tunnelNeedsPrivilege(name);
  return systemCallFailed(`open ${path}`, error);
}

function createError(name: string, error: number): DeviceError {
  if (error === errno.EBUSY) return interfaceTaken(name);
  if (error === errno.EPERM || error === errno.EACCES) return tunnelNeedsPrivilege(name);
  return systemCallFailed(`create the interface ${name}`, error);
}
