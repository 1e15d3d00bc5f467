import type { Ipv4Value } from '@navalis/address';

/**
 * Which of a role's UDP sockets a datagram came in on or leaves from. `service` is the one socket of clients and relays
 * and the primary address of a server; `secondary` is a server's second address; `discovery` is where a client hears the
 * multicast group of its link, and sends nothing; `secondary-port` is with what a client determines its refresh interval.
 */
export type SocketRole = 'service' | 'secondary' | 'discovery' | 'secondary-port';

/**
 * Packets that the kernel handed over together and that share one decision: same inner source and destination, no Teredo
 * header, no trailer, equal lengths except for a shorter last one. A run of one has no such restriction and is all that
 * an engine must understand; longer runs are only speed.
 *
 * A run is a reused object of numbers over fixed memory and is valid during the call it is passed to. What must be kept
 * is copied.
 */
export interface PacketRun {
  /** The memory that the offsets below count in. */
  memory: Uint8Array;
  /** Offset in octets of the first packet (or datagram payload). */
  offset: number;
  /** Octets of every packet except the last. */
  packetLength: number;
  /** Octets of the last packet; equal to `packetLength` in a run of one. */
  lastPacketLength: number;
  /** How many packets the run stands for, at least 1. */
  count: number;
  /**
   * Octets from one packet's header to the next. 0 when every packet is cut from the one header at `offset` (a
   * super-segment from the tunnel interface): then a change of the header there changes it in all of them, and
   * only the engine's outputs know how to cut it.
   */
  headerStride: number;
}

/** A run of UDP payloads that arrived from one IPv4 endpoint on one socket. */
export interface DatagramRun extends PacketRun {
  sourceAddress: Ipv4Value;
  sourcePort: number;
  socket: SocketRole;
}

/** A run of one packet over memory of the caller's, for what an engine builds itself. Reuse it with `pointRunAt`. */
export function createPacketRun(memory: Uint8Array): PacketRun {
  return { memory, offset: 0, packetLength: 0, lastPacketLength: 0, count: 1, headerStride: 0 };
}

/** Larger than what V8 takes for a small integer, as many IPv4 addresses are. */
const someAddress = 0xffff_ffff;

/**
 * A run of datagrams over memory of the caller's, to be pointed at what arrives. One object literal, with numbers of the kind
 * that will be stored: an object whose fields change from small integers to others is read by a slow way from then on.
 */
export function createDatagramRun(memory: Uint8Array, socket: SocketRole = 'service'): DatagramRun {
  return {
    memory,
    offset: 0,
    packetLength: 0,
    lastPacketLength: 0,
    count: 1,
    headerStride: 0,
    sourceAddress: someAddress,
    sourcePort: 0,
    socket,
  };
}

/** Makes `run` stand for the single packet of `length` octets at `offset`. */
export function pointRunAt(run: PacketRun, offset: number, length: number): void {
  run.offset = offset;
  run.packetLength = length;
  run.lastPacketLength = length;
  run.count = 1;
  run.headerStride = 0;
}
