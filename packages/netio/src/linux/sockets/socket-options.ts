import { systemCallFailed } from '../../device-errors.ts';
import * as linux from '../../kernel/constants.ts';
import type { LinuxMachine } from '../linux-machine.ts';

/** A socket option, as `setsockopt` names it. */
export interface SocketOption {
  readonly level: number;
  readonly name: number;
}

type SocketOptionName =
  | 'reuseAddress'
  | 'sendBuffer'
  | 'sendBufferForced'
  | 'receiveBuffer'
  | 'receiveBufferForced'
  | 'typeOfService'
  | 'mtuDiscovery'
  | 'multicastAll'
  | 'multicastInterface'
  | 'multicastTtl'
  | 'multicastMembership'
  | 'joinReceived';

export const socketOptions: Readonly<Record<SocketOptionName, SocketOption>> = {
  reuseAddress: { level: linux.SOL_SOCKET, name: linux.SO_REUSEADDR },
  sendBuffer: { level: linux.SOL_SOCKET, name: linux.SO_SNDBUF },
  sendBufferForced: { level: linux.SOL_SOCKET, name: linux.SO_SNDBUFFORCE },
  receiveBuffer: { level: linux.SOL_SOCKET, name: linux.SO_RCVBUF },
  receiveBufferForced: { level: linux.SOL_SOCKET, name: linux.SO_RCVBUFFORCE },
  typeOfService: { level: linux.SOL_IP, name: linux.IP_TOS },
  mtuDiscovery: { level: linux.SOL_IP, name: linux.IP_MTU_DISCOVER },
  multicastAll: { level: linux.SOL_IP, name: linux.IP_MULTICAST_ALL },
  multicastInterface: { level: linux.SOL_IP, name: linux.IP_MULTICAST_IF },
  multicastTtl: { level: linux.SOL_IP, name: linux.IP_MULTICAST_TTL },
  multicastMembership: { level: linux.SOL_IP, name: linux.IP_ADD_MEMBERSHIP },
  joinReceived: { level: linux.SOL_UDP, name: linux.UDP_GRO },
};

/** Sets an option to a number. Returns whether the kernel accepted it. */
export function setOption(machine: LinuxMachine, descriptor: number, option: SocketOption, value: number): boolean {
  machine.arena.uint32[machine.scratch >>> 2] = value;
  return setScratchOption(machine, descriptor, option, 4);
}

/** Sets an option to a number. @throws NavalisError when the kernel refuses it. */
export function requireOption(machine: LinuxMachine, descriptor: number, option: SocketOption, value: number): void {
  if (!setOption(machine, descriptor, option, value)) throw optionRefused(machine, option);
}

/**
 * Sets an option to the structure in the first octets of the scratch memory. @throws NavalisError when the kernel refuses
 * it.
 */
export function requireScratchOption(
  machine: LinuxMachine,
  descriptor: number,
  option: SocketOption,
  octets: number,
): void {
  if (!setScratchOption(machine, descriptor, option, octets)) throw optionRefused(machine, option);
}

function setScratchOption(
  { calls, arena, scratch }: LinuxMachine,
  descriptor: number,
  { level, name }: SocketOption,
  octets: number,
): boolean {
  return calls.setsockopt(descriptor, level, name, arena.address(scratch), octets) === 0;
}

function optionRefused({ calls }: LinuxMachine, { name }: SocketOption): Error {
  return systemCallFailed(`set option ${name} of a UDP socket`, calls.errno());
}
