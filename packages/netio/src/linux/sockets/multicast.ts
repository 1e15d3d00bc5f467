import type { Ipv4Value } from '@navalis/address';
import { noSuchInterface } from '../../device-errors.ts';
import * as linux from '../../kernel/constants.ts';
import type { UdpSocketOptions } from '../../udp-socket.ts';
import { interfaceFieldOffset, writeInterfaceRequest } from '../interface-request.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { writeIpv4 } from './socket-address.ts';
import { requireOption, requireScratchOption, socketOptions } from './socket-options.ts';

/** Octets of a `struct ip_mreqn`: group, local address, both in network order, and the interface's index. */
const membershipOctets = 12;

/** Makes a socket that is not bound yet hear or send multicast on the interface of the options, if they name one. */
export function prepareMulticast(
  machine: LinuxMachine,
  descriptor: number,
  { address, multicastInterface }: UdpSocketOptions,
): void {
  if (multicastInterface === undefined) return;
  const index = interfaceIndex(machine, descriptor, multicastInterface);
  if (isMulticast(address)) {
    requireOption(machine, descriptor, socketOptions.reuseAddress, 1);
    requireOption(machine, descriptor, socketOptions.multicastAll, 0);
    writeMembership(machine, address, index);
    requireScratchOption(machine, descriptor, socketOptions.multicastMembership, membershipOctets);
  } else {
    requireOption(machine, descriptor, socketOptions.multicastTtl, 1);
    writeMembership(machine, 0, index);
    requireScratchOption(machine, descriptor, socketOptions.multicastInterface, membershipOctets);
  }
}

/** Writes a `struct ip_mreqn` into the scratch memory. */
function writeMembership({ arena, scratch }: LinuxMachine, group: Ipv4Value, index: number): void {
  writeIpv4(arena, scratch, group);
  writeIpv4(arena, scratch + 4, 0);
  arena.uint32[(scratch + 8) >>> 2] = index;
}

function interfaceIndex(machine: LinuxMachine, descriptor: number, name: string): number {
  const { calls, arena, scratch } = machine;
  const request = writeInterfaceRequest(machine, name);
  if (calls.ioctl(descriptor, linux.SIOCGIFINDEX, request) < 0) throw noSuchInterface(name);
  return arena.uint32[(scratch + interfaceFieldOffset) >>> 2]!;
}

function isMulticast(address: Ipv4Value): boolean {
  return address >>> 28 === 0xe;
}
