import {
  embeddedAddress,
  embeddedPort,
  embeddedServer,
  formatIpv4,
  type Ipv4Value,
  type Ipv6Value,
  isTeredo,
  teredoPort,
} from '@navalis/address';
import {
  type Engine,
  type EngineLife,
  type Milliseconds,
  peerColumnCount,
  peerColumns,
  peerPathKinds,
  peerReasons,
  peerStates,
  type RandomSource,
} from '@navalis/engine';
import type { PeerRoute, TracedEvent, WatchEvent, WatchRequest } from './peer-watch.ts';
import { Pinger } from './pinger.ts';

/** Our choice: events of one watch in a second; the others are counted. */
const eventsPerSecond = 200;

export interface WatchParts {
  readonly engine: Pick<Engine & EngineLife, 'peerRows' | 'status'>;
  readonly random: RandomSource;
  readonly now: Milliseconds;
  readonly tell: (event: TracedEvent) => void;
}

/** One peer that is watched. */
export class Watch {
  readonly peer: Ipv6Value;
  readonly pinger: Pinger | undefined;
  readonly tell: (event: TracedEvent) => void;
  readonly #engine: WatchParts['engine'];
  readonly #columns: Float64Array = new Float64Array(peerColumnCount);
  #lastState = '';
  #secondBeganAt: Milliseconds;
  #told = 0;
  #leftOut = 0;

  constructor({ peer, ping }: WatchRequest, { engine, random, now, tell }: WatchParts) {
    this.peer = peer;
    this.tell = tell;
    this.#engine = engine;
    this.#secondBeganAt = now;
    this.pinger = ping && new Pinger({ request: ping, peer, random, now, tell });
  }

  nextDeadline(): Milliseconds {
    return this.pinger?.nextDeadline() ?? Number.POSITIVE_INFINITY;
  }

  /** Returns true if an event may be told, and counts it; else counts it as left out, which is told later. */
  mayTell(now: Milliseconds): boolean {
    if (now - this.#secondBeganAt >= 1000) {
      if (this.#leftOut > 0) this.tell({ kind: 'left-out', count: this.#leftOut });
      [this.#secondBeganAt, this.#told, this.#leftOut] = [now, 0, 0];
    }
    if (this.#told >= eventsPerSecond) {
      this.#leftOut += 1;
      return false;
    }
    this.#told += 1;
    return true;
  }

  /** Tells how the peer stands if that changed. */
  look(now: Milliseconds): void {
    const event = this.#state(now);
    const text = JSON.stringify(event);
    if (text === this.#lastState) return;
    this.#lastState = text;
    this.tell(event);
  }

  /** Returns which way a datagram for the peer takes. */
  routeTo(address: Ipv4Value, port: number): PeerRoute {
    const { peer } = this;
    if (!isTeredo(peer)) return port === teredoPort && address === this.#ownServer ? 'own-server' : 'relay';
    if (embeddedAddress(peer) === address && embeddedPort(peer) === port) return 'direct';
    return embeddedServer(peer) === address && port === teredoPort ? 'server' : 'elsewhere';
  }

  /** The server of a client. */
  get #ownServer(): Ipv4Value | undefined {
    const status = this.#engine.status();
    return 'server' in status ? status.server : undefined;
  }

  #state(now: Milliseconds): WatchEvent {
    const row = this.#engine.peerRows?.find(this.peer) ?? 0;
    if (row === 0) return { kind: 'state', state: 'unknown' };
    this.#engine.peerRows!.read(row, this.#columns, 0, now);
    const at = (column: keyof typeof peerColumns): number => this.#columns[peerColumns[column]]!;
    const reason = peerReasons[at('reason')];
    const path = peerPathKinds[at('path')];
    const port = at('endpointPort');
    return {
      kind: 'state',
      state: peerStates[at('state')]!,
      ...(reason && { reason }),
      ...(path && { path }),
      ...(!Number.isNaN(port) && { endpoint: { address: formatIpv4(at('endpointAddress')), port } }),
    };
  }
}
