import { systemCallFailed } from '../../device-errors.ts';
import type { LinuxMachine } from '../linux-machine.ts';

/** Whether the kernel took a number as a socket option. */
export function setOption(
  machine: LinuxMachine,
  descriptor: number,
  level: number,
  option: number,
  value: number,
): boolean {
  machine.arena.uint32[machine.scratch >>> 2] = value;
  return setScratchOption(machine, descriptor, level, option, 4);
}

/** As above. @throws NavalisError when the kernel did not take it. */
export function requireOption(
  machine: LinuxMachine,
  descriptor: number,
  level: number,
  option: number,
  value: number,
): void {
  if (!setOption(machine, descriptor, level, option, value)) throw optionRefused(machine, option);
}

/** As `requireOption` with the first octets of the scratch memory as the value. */
export function requireScratchOption(
  machine: LinuxMachine,
  descriptor: number,
  level: number,
  option: number,
  octets: number,
): void {
  if (!setScratchOption(machine, descriptor, level, option, octets)) throw optionRefused(machine, option);
}

function setScratchOption(
  { calls, arena, scratch }: LinuxMachine,
  descriptor: number,
  level: number,
  option: number,
  octets: number,
): boolean {
  return calls.setsockopt(descriptor, level, option, arena.address(scratch), octets) === 0;
}

function optionRefused({ calls }: LinuxMachine, option: number): Error {
  return systemCallFailed(`set option ${option} of a UDP socket`, calls.errno());
}
