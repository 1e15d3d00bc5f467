import type { LinuxMachine } from './linux-machine.ts';

/** Octets of a `struct ifreq`. */
const requestOctets = 40;

/** The offset of flags or index in `struct ifreq`: after the name. */
export const interfaceFieldOffset = 16;

/** Writes a `struct ifreq` with nothing but the name into the scratch memory; returns its address. */
export function writeInterfaceRequest({ arena, scratch }: LinuxMachine, name: string): number {
  arena.bytes.fill(0, scratch, scratch + requestOctets);
  for (let index = 0; index < name.length; index++) arena.bytes[scratch + index] = name.charCodeAt(index);
  return arena.address(scratch);
}
