import { formatIpv4, type Ipv4Endpoint, type Ipv4Value } from '@navalis/address';
import { createDatagramRun, type DatagramRun, type Milliseconds, type OpenedPort, type PortId } from '@navalis/engine';
import { BubbleTrailers } from '@navalis/wire';
import {
  type Extensions,
  noExtensions,
  type PeerIndex,
  type RandomPortKeeper,
  type TraversalOptions,
} from '../src/index.ts';
import type { RandomPorts, RandomPortUse } from '../src/mechanisms/random-ports.ts';
import { Bench, handledTo, mapped } from './bench.ts';

const extensions: Extensions = {
  ...noExtensions,
  symmetricNatSupport: true,
  portPreserving: true,
  sequentialPorts: true,
};

/** The endpoint at the peer's NAT from which its random port is seen. */
export const atRandomPort: Ipv4Endpoint = { address: mapped.address, port: 50_000 };

/** A bench whose role opens random ports, the first with id 2 and number 40002, behind a NAT for which they are good so. */
export class PortBench extends Bench {
  /** The solicitations of echo tests since the last call of `takeEchoes`. */
  readonly #echoes: { readonly from: PortId; readonly isSecondary: boolean; readonly nonce: Uint8Array }[] = [];
  readonly closed: PortId[] = [];
  readonly keeper: RandomPortKeeper;
  readonly ports: RandomPorts;
  /** The own mapped endpoint, if there is one. */
  ownEndpoint: Ipv4Endpoint | undefined;
  refusesPorts = false;
  /** The address of a peer behind the NAT that both share. */
  neighbour: Ipv4Value | undefined;
  #nextId: PortId = 2;

  constructor(use: RandomPortUse, changes: Partial<Extensions> = {}, options: Partial<TraversalOptions> = {}) {
    super({ extensions: { ...extensions, ...changes }, ...options });
    this.keeper = this.traversal.randomPorts!;
    this.ports = this.traversal.mechanisms.randomPorts!;
    this.keeper.setNat(use !== 'none', use === 'preserved');
  }

  openRandomPort(): OpenedPort | undefined {
    if (this.refusesPorts) return undefined;
    const id = this.#nextId++;
    return { id, address: 0, port: 40_000 + id };
  }

  closeRandomPort(id: PortId): void {
    this.closed.push(id);
  }

  sendEchoSolicitation(from: PortId, isSecondary: boolean, nonce: Uint8Array): void {
    this.#echoes.push({ from, isSecondary, nonce: nonce.slice() });
  }

  isOwnEndpoint(address: number, port: number): boolean {
    return address === this.ownEndpoint?.address && port === this.ownEndpoint.port;
  }

  mayBeAlternate(_: PeerIndex, address: Ipv4Value): boolean {
    return address === this.neighbour;
  }

  takeEchoes(): { readonly from: PortId; readonly isSecondary: boolean; readonly nonce: Uint8Array }[] {
    return this.#echoes.splice(0);
  }

  /** Returns what left since the last call: destination, port that it left from, and the random port that it tells or 0. */
  left(): string[] {
    return this.outputs.takeDatagrams().map(({ address, port, payload, portId }) => {
      const trailers = new BubbleTrailers();
      trailers.read(payload, 40, payload.length - 40);
      return `${formatIpv4(address)}:${port} from ${portId} tells ${trailers.randomPort}`;
    });
  }

  /** Handles the deadlines of the keeper up to a time, and returns what left by time. */
  keepTo(end: Milliseconds): Record<number, string[]> {
    return handledTo(end, this.keeper, () => this.left());
  }

  /** A peer that was reached through its random port, at the port that is open for it, and heard at this time. */
  meetAtRandomPort(now: Milliseconds): PeerIndex {
    const peer = this.insert();
    this.ports.open(peer, now);
    this.prove(peer, { ...atRandomPort, portId: this.ports.portId(peer)! }, true, now);
    this.traversal.table.heard(peer, now);
    return peer;
  }
}

/** A datagram from there, at this port of the host. */
export function datagramFrom({ address, port }: Ipv4Endpoint, portId: PortId = 0): DatagramRun {
  const run = createDatagramRun(new Uint8Array(0), portId);
  run.sourceAddress = address;
  run.sourcePort = port;
  return run;
}
