import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';

/**
 * The number by which an engine and the data plane call one of the UDP ports that this host has open: a small integer from 0
 * on. It says nothing of the UDP port number, which is called `port`.
 */
export type PortId = number;

/** The port that is open from the start: the one of clients and relays, and a server's primary address. */
export const servicePortId: PortId = 0;

/** A UDP port that an engine asks for. */
export interface PortRequest {
  /** The open port whose local address, and interface for multicast, it shares. */
  readonly like: PortId;
  /** Whether the host's packets come and go there: then the kernel keeps room for many, else for some. */
  readonly carriesData: boolean;
  /** The port number to bind to; any that is free by default. */
  readonly port?: number;
}

/** A port that was opened, and where it is bound; an address of 0 stands for any of this host. */
export interface OpenedPort extends Ipv4Endpoint {
  readonly id: PortId;
}

/** Why a port cannot be opened; the engine counts it, and goes on without. */
export type PortRefusal =
  /** This process, or the whole host, has as many descriptors as it may. */
  | 'descriptor-limit'
  /** The host has lost the address, or the port that it was to be like is closed. */
  | 'address-gone'
  /** Another program of this host uses the port number. */
  | 'port-taken'
  /** As many ports are open as a data plane keeps. */
  | 'table-full'
  /** The kernel refuses for another reason. */
  | 'system-refused';

/**
 * Packets that the kernel handed over together and that share one decision: same inner source and destination, no Teredo
 * header, no trailer, equal lengths except for a shorter last one. A run of one has no such restriction and is all that
 * an engine must understand; longer runs are only speed.
 *
 * A run is a reused object of numbers over fixed memory and is valid during the call it is passed to. An engine copies
 * the packets that it keeps.
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

/**
 * A run of UDP payloads that arrived from one IPv4 endpoint on one port. Those of a longer run may be ChannelData of a TURN server, all
 * of one channel (RFC 8656 section 12.4): each packet then lies behind 4 octets, which `offset` and the lengths cover.
 */
export interface DatagramRun extends PacketRun {
  sourceAddress: Ipv4Value;
  sourcePort: number;
  portId: PortId;
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
export function createDatagramRun(memory: Uint8Array, portId: PortId = servicePortId): DatagramRun {
  return {
    memory,
    offset: 0,
    packetLength: 0,
    lastPacketLength: 0,
    count: 1,
    headerStride: 0,
    sourceAddress: someAddress,
    sourcePort: 0,
    portId,
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
