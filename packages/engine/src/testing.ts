/**
 * Helpers for the tests of engines.
 *
 * - {@link RecordingOutputs} keeps copies of everything an engine puts out.
 * - {@link receiveDatagram} gives an engine one UDP payload.
 * - {@link takePacket} gives an engine one IPv6 packet of its host.
 *
 * @packageDocumentation
 */

import type { Ipv4Value } from '@navalis/address';
import type { Engine, EngineOutputs, RandomSource } from './engine.ts';
import type { Milliseconds } from './milliseconds.ts';
import type { EngineEvent } from './reports/events.ts';
import {
  createDatagramRun,
  createPacketRun,
  type OpenedPort,
  type PacketRun,
  type PortId,
  type PortRefusal,
  type PortRequest,
  pointRunAt,
  servicePortId,
} from './runs.ts';

/** The ports below may be open from the start. */
const firstOpenedPortId: PortId = 2;

export interface SentDatagram {
  readonly payload: Uint8Array;
  readonly address: Ipv4Value;
  readonly port: number;
  /** The port that sent it. */
  readonly portId: PortId;
}

/** Outputs that keep copies of all they are given, for tests. A run of several packets becomes several entries. */
export class RecordingOutputs implements EngineOutputs {
  datagrams: SentDatagram[] = [];
  packets: Uint8Array[] = [];
  events: EngineEvent[] = [];
  openedPorts: (OpenedPort & PortRequest)[] = [];
  closedPorts: PortId[] = [];
  /** While it is set, `openPort` returns this refusal. */
  portRefusal: PortRefusal | undefined;

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    for (const payload of packetsOf(run)) this.datagrams.push({ payload, address, port, portId: from });
  }

  openPort(request: PortRequest): OpenedPort | PortRefusal {
    if (this.portRefusal !== undefined) return this.portRefusal;
    const id = firstOpenedPortId + this.openedPorts.length;
    const opened = { id, address: 0, port: request.port ?? 50_000 + id };
    this.openedPorts.push({ ...opened, ...request });
    return opened;
  }

  closePort(id: PortId): void {
    this.closedPorts.push(id);
  }

  deliverPackets(run: PacketRun): void {
    this.packets.push(...packetsOf(run));
  }

  report(event: EngineEvent): void {
    this.events.push(event);
  }

  /** The datagrams since the last call. */
  takeDatagrams(): SentDatagram[] {
    return this.datagrams.splice(0);
  }

  /** The delivered packets since the last call. */
  takePackets(): Uint8Array[] {
    return this.packets.splice(0);
  }
}

/** Octets that look random and are the same for the same seed; for tests only. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return {
    fill(target) {
      for (let i = 0; i < target.length; i++) {
        state = (state + 0x6d2b79f5) >>> 0;
        const mixed = Math.imul(state ^ (state >>> 15), state | 1);
        target[i] = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ (mixed >>> 14);
      }
    },
  };
}

export interface Origin {
  readonly address: Ipv4Value;
  readonly port: number;
  readonly portId?: PortId;
}

/** Gives the engine one UDP payload, as the data plane would. */
export function receiveDatagram(engine: Engine, payload: Uint8Array, from: Origin, now: Milliseconds): void {
  const run = createDatagramRun(payload.slice(), from.portId);
  run.sourceAddress = from.address;
  run.sourcePort = from.port;
  pointRunAt(run, 0, payload.length);
  engine.handleDatagrams(run, now);
}

/** Gives the engine one IPv6 packet of the host, as the data plane would. */
export function takePacket(engine: Engine, packet: Uint8Array, now: Milliseconds): void {
  const run = createPacketRun(packet.slice());
  pointRunAt(run, 0, packet.length);
  engine.handlePackets(run, now);
}

/** Only runs whose packets lie apart; super-segments are for the devices that can cut them. */
function packetsOf(run: PacketRun): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let i = 0; i < run.count; i++) {
    const offset = run.offset + i * run.headerStride;
    packets.push(run.memory.slice(offset, offset + (i === run.count - 1 ? run.lastPacketLength : run.packetLength)));
  }
  return packets;
}
