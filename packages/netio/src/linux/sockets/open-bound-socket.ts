import type { Ipv4Value } from '@navalis/address';
import { formatIpv4 } from '@navalis/address';
import type { DeviceError } from '../../device-error-code.ts';
import {
  addressInUse,
  addressNotAvailable,
  noDescriptorLeft,
  portNeedsPrivilege,
  systemCallFailed,
} from '../../device-errors.ts';
import * as linux from '../../kernel/constants.ts';
import { errno } from '../../kernel/errno.ts';
import type { UdpSocketOptions } from '../../udp-socket.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { prepareMulticast } from './multicast.ts';
import { readSocketAddress, socketAddressOctets, writeSocketAddress } from './socket-address.ts';
import { requireOption, setOption, socketOptions } from './socket-options.ts';

/** Requested size of the kernel's buffers, in octets; the kernel may grant less. */
const bufferOctets = 4 * 1024 * 1024;

export interface BoundSocket {
  readonly descriptor: number;
  readonly address: Ipv4Value;
  readonly port: number;
}

/** An unconnected UDP socket that never sets DF (WF-22), never marks ECN (WF-23) and never blocks. */
export function openBoundSocket(machine: LinuxMachine, options: UdpSocketOptions): BoundSocket {
  const { calls } = machine;
  const descriptor = calls.socket(linux.AF_INET, linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw openError(calls.errno());
  try {
    requireOption(machine, descriptor, socketOptions.mtuDiscovery, linux.IP_PMTUDISC_OMIT);
    requireOption(machine, descriptor, socketOptions.typeOfService, 0);
    if (options.hasLargeBuffers !== false) enlargeBuffers(machine, descriptor);
    prepareMulticast(machine, descriptor, options);
    return bindSocket(machine, descriptor, options);
  } catch (error) {
    calls.close(descriptor);
    throw error;
  }
}

/** Best effort: beyond the limit of ordinary programs only with CAP_NET_ADMIN. */
export function enlargeBuffers(machine: LinuxMachine, descriptor: number): void {
  for (const [forced, ordinary] of [
    [socketOptions.receiveBufferForced, socketOptions.receiveBuffer],
    [socketOptions.sendBufferForced, socketOptions.sendBuffer],
  ] as const) {
    if (setOption(machine, descriptor, forced, bufferOctets)) continue;
    setOption(machine, descriptor, ordinary, bufferOctets);
  }
}

function bindSocket(machine: LinuxMachine, descriptor: number, { address, port }: UdpSocketOptions): BoundSocket {
  const { calls, arena, scratch } = machine;
  const place = arena.address(scratch);
  writeSocketAddress(arena, scratch, address, port);
  if (calls.bind(descriptor, place, socketAddressOctets) < 0) throw bindError(address, port, calls.errno());
  const lengthOffset = scratch + socketAddressOctets;
  arena.uint32[lengthOffset >>> 2] = socketAddressOctets;
  if (calls.getsockname(descriptor, place, arena.address(lengthOffset)) < 0) {
    throw systemCallFailed('read the address of a UDP socket', calls.errno());
  }
  return { descriptor, ...readSocketAddress(arena, scratch) };
}

function openError(error: number): DeviceError {
  if (error === errno.EMFILE || error === errno.ENFILE) return noDescriptorLeft();
  return systemCallFailed('open a UDP socket', error);
}

function bindError(address: Ipv4Value, port: number, error: number): DeviceError {
  if (error === errno.EADDRINUSE) return addressInUse(address, port);
  if (error === errno.EADDRNOTAVAIL) return addressNotAvailable(address);
  if (error === errno.EACCES || error === errno.EPERM) return portNeedsPrivilege(address, port);
  return systemCallFailed(`use UDP port ${port} on ${formatIpv4(address)}`, error);
}
