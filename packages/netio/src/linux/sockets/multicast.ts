import type { Ipv4Value } from '@navalis/address';
import { noSuchInterface } from '../../device-errors.ts';
import * as linux from '../../kernel/constants.ts';
import type { UdpSocketOptions } from '../../udp-socket.ts';
import { interfaceFieldOffset, writeInterfaceRequest } from '../interface-request.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { writeIpv4 } from './socket-address.ts';
import { requireOption, requireScratchOption } from './socket-options.ts';

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
    requireOption(machine, descriptor, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1);
    requireOption(machine, descriptor, linux.SOL_IP, linux.IP_MULTICAST_ALL, 0);
    setMembership(machine, descriptor, linux.IP_ADD_MEMBERSHIP, address, index);
  } else {
    requireOption(machine, descriptor, linux.SOL_IP, linux.IP_MULTICAST_TTL, 1);
    setMembership(machine, descriptor, linux.IP_MULTICAST_IF, 0, index);
  }
}

function setMembership(
  machine: LinuxMachine,
  descriptor: number,
  option: number,
  group: Ipv4Value,
  index: number,
): void {
  const { arena, scratch } = machine;
  writeIpv4(arena, scratch, group);
  writeIpv4(arena, scratch + 4, 0);
  arena.uint32[(scratch + 8) >>> 2] = index;
  requireScratchOption(machine, descriptor, linux.SOL_IP, option, membershipOctets);
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
