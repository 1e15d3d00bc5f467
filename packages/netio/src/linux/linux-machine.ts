import type { Arena } from '../kernel/arena.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';
import type { PacketLoops } from '../packet-loops/packet-loops.ts';

/** The parts that the devices of one `Netio` share. */
export interface LinuxMachine {
  readonly calls: SystemCalls;
  readonly arena: Arena;
  readonly loops: PacketLoops;
  /** Whether to ask the kernel for offloads; it may refuse. */
  readonly offload: boolean;
  /** Offset of 64 octets in the arena for structures that live for one call. */
  readonly scratch: number;
}
