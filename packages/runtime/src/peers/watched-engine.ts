import {
  embeddedAddress,
  embeddedPort,
  formatIpv4,
  type Ipv4Value,
  ipv6Equals,
  isTeredo,
  readIpv6,
} from '@navalis/address';
import type {
  DatagramRun,
  DropReason,
  Engine,
  EngineLife,
  EngineStatus,
  Milliseconds,
  PacketRun,
  RandomSource,
} from '@navalis/engine';
import type { RelayWatcher } from '@navalis/turn';
import { DatagramLayout, destinationOffset, isBubble, readDatagram, sourceOffset } from '@navalis/wire';
import { mostWatches, type TracedEvent, type TracedPackets, type WatchRequest } from './peer-watch.ts';
import { Watch } from './watch.ts';

const layout = new DatagramLayout();

/**
 * Stands between the loop and its engine while peers are watched, and tells what the engine decides on their packets: from what goes
 * in and comes out, so that the engine itself does nothing for it.
 */
export class WatchedEngine implements Engine, EngineLife, RelayWatcher {
  readonly #engine: Engine & EngineLife;
  readonly #random: RandomSource;
  readonly #clock: () => Milliseconds;
  readonly #watches = new Map<number, Watch>();
  /** True if the packet in the engine's hands was sent, or delivered to the host. */
  #wasSent = false;
  #wasDelivered = false;
  #lastReason: DropReason | undefined;

  constructor(engine: Engine & EngineLife, random: RandomSource, clock: () => Milliseconds) {
    this.#engine = engine;
    this.#random = random;
    this.#clock = clock;
  }

  get isWatching(): boolean {
    return this.#watches.size > 0;
  }

  /** Begins a watch; false when there are too many. */
  watch(id: number, request: WatchRequest, tell: (event: TracedEvent) => void): boolean {
    if (this.#watches.size >= mostWatches) return false;
    const watch = new Watch(request, { engine: this.#engine, random: this.#random, now: this.#clock(), tell });
    this.#watches.set(id, watch);
    watch.look(this.#clock());
    return true;
  }

  unwatch(id: number): void {
    this.#watches.delete(id);
  }

  start(now: Milliseconds): void {
    this.#engine.start(now);
  }

  stop(now: Milliseconds): void {
    this.#engine.stop(now);
  }

  status(): EngineStatus {
    return this.#engine.status();
  }

  deadlineReason(): ReturnType<EngineLife['deadlineReason']> {
    return this.#engine.deadlineReason();
  }

  nextDeadline(): Milliseconds {
    let deadline = this.#engine.nextDeadline();
    for (const watch of this.#watches.values()) deadline = Math.min(deadline, watch.nextDeadline());
    return deadline;
  }

  handleDeadline(now: Milliseconds): void {
    this.#engine.handleDeadline(now);
    for (const watch of this.#watches.values()) {
      watch.pinger?.handleDeadline(now, (run) => this.#take(run, now));
      watch.look(now);
    }
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.#receive(run, now, () => this.#engine.handleDatagrams(run, now));
  }

  /** Datagrams that a TURN server brought, without its framing. */
  receives(run: DatagramRun, now: Milliseconds, role: Parameters<RelayWatcher['receives']>[2]): void {
    this.#receive(run, now, () => role.receive(run, now));
  }

  #receive(run: DatagramRun, now: Milliseconds, handle: () => void): void {
    const watches = this.#watchesOf((watch) => isFrom(watch, run), now);
    if (watches.length === 0) {
      handle();
      return;
    }
    const from = { address: formatIpv4(run.sourceAddress), port: run.sourcePort };
    const packets = packetsOf(run);
    const reason = this.#handle(handle);
    const good = this.#wasDelivered ? 'delivered' : 'accepted';
    for (const watch of watches) {
      const verdict = reason === undefined ? ({ verdict: good } as const) : ({ verdict: 'dropped', reason } as const);
      watch.tell({ kind: 'received', from, ...packets, ...verdict });
      watch.look(now);
    }
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    const destination = run.packetLength >= 40 ? readIpv6(run.memory, run.offset + destinationOffset) : undefined;
    const watches = this.#watchesOf(({ peer }) => destination !== undefined && ipv6Equals(peer, destination), now);
    if (watches.length === 0) {
      this.#engine.handlePackets(run, now);
      return;
    }
    const packets = packetsOf(run);
    const reason = this.#handle(() => this.#engine.handlePackets(run, now));
    const good = this.#wasSent ? 'sent' : 'queued';
    for (const watch of watches) {
      const verdict = reason === undefined ? ({ verdict: good } as const) : ({ verdict: 'dropped', reason } as const);
      watch.tell({ kind: 'taken', ...packets, ...verdict });
      watch.look(now);
    }
  }

  /** A datagram leaves. */
  sent(run: PacketRun, address: Ipv4Value, port: number): void {
    if (readDatagram(run.memory, run.offset, run.packetLength, layout) !== undefined) return;
    const destination = readIpv6(run.memory, layout.packetOffset + destinationOffset);
    const isData = !isBubble(run.memory, layout.packetOffset);
    for (const watch of this.#watches.values()) {
      if (!ipv6Equals(watch.peer, destination)) continue;
      if (isData) this.#wasSent = true;
      const to = { address: formatIpv4(address), port };
      if (watch.mayTell(this.#clock()))
        watch.tell({ kind: 'sent', to, route: watch.routeTo(address, port), ...packetsOf(run) });
    }
  }

  /** A packet leaves for the host; returns true if it answers a ping and must not. */
  delivers(run: PacketRun): boolean {
    this.#wasDelivered = true;
    const source = readIpv6(run.memory, run.offset + sourceOffset);
    for (const { peer, pinger } of this.#watches.values()) {
      if (ipv6Equals(peer, source) && pinger?.takeReply(run, this.#clock()) === true) return true;
    }
    return false;
  }

  /** Handles the packet of a ping; returns why it is dropped, if it is seen to be. */
  #take(run: PacketRun, now: Milliseconds): DropReason | undefined {
    this.#lastReason = undefined;
    this.handlePackets(run, now);
    return this.#lastReason;
  }

  #watchesOf(matches: (watch: Watch) => boolean, now: Milliseconds): readonly Watch[] {
    return [...this.#watches.values()].filter((watch) => matches(watch) && watch.mayTell(now));
  }

  /** Lets the engine handle an input; returns the reason for which it counted a drop. */
  #handle(input: () => void): DropReason | undefined {
    this.#wasSent = false;
    this.#wasDelivered = false;
    const before: Readonly<Record<string, number>> = this.#engine.status().counters.drops;
    input();
    const after: Readonly<Record<string, number>> = this.#engine.status().counters.drops;
    this.#lastReason = Object.keys(after).find((reason) => after[reason] !== before[reason]) as DropReason | undefined;
    return this.#lastReason;
  }
}

/** Returns true if the datagram is from the peer: by its inner source, or by its endpoint where that tells nothing. */
function isFrom({ peer }: Watch, run: DatagramRun): boolean {
  const { memory, offset, packetLength, sourceAddress, sourcePort } = run;
  const isEmbedded = (address: Ipv4Value, port: number): boolean =>
    isTeredo(peer) && embeddedAddress(peer) === address && embeddedPort(peer) === port;
  if (readDatagram(memory, offset, packetLength, layout) !== undefined) return isEmbedded(sourceAddress, sourcePort);
  const source = readIpv6(memory, layout.packetOffset + sourceOffset);
  if (ipv6Equals(peer, source)) return true;
  const isNameless = isBubble(memory, layout.packetOffset) && source.word0 >>> 22 === 0x3fa;
  if (!isNameless) return false;
  return (
    isEmbedded(sourceAddress, sourcePort) ||
    (layout.originOffset >= 0 && isEmbedded(layout.originAddress, layout.originPort))
  );
}

/** Returns the packet as octets, before the engine changes them; several packets are data. */
function packetsOf({ memory, offset, packetLength, lastPacketLength, count }: PacketRun): TracedPackets {
  const packet = count > 1 ? 'data' : memory.slice(offset, offset + packetLength);
  return { packet, count, octets: (count - 1) * packetLength + lastPacketLength };
}
