import { type Ipv6Prefix, type Ipv6Value, teredoServicePrefix } from '@navalis/address';
import type { EngineEvent, EngineOutputs, RandomSource, RelayStatus } from '@navalis/engine';
import type { RelayEngine } from '@navalis/relay-core';
import { hopLimitOf, writeHopLimit } from '@navalis/wire';
import { EngineHost } from '../hosts/engine-host.ts';
import type { UdpHost } from '../hosts/udp-host.ts';
import type { Ipv6Network, Ipv6Node } from '../paths/ipv6-network.ts';
import type { PathQuality } from '../paths/path-quality.ts';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

const teredoPrefix: Ipv6Prefix = { address: { word0: teredoServicePrefix, word1: 0, word2: 0, word3: 0 }, length: 32 };

/** The parts of a relay node. Its address is native; datagrams leave from `port`. */
export interface RelayNodeParts {
  readonly udp: UdpHost;
  readonly port: number;
  readonly address: Ipv6Value;
  readonly network: Ipv6Network;
  readonly clock: VirtualClock;
  readonly create: (outputs: EngineOutputs, random: RandomSource) => RelayEngine;
}

/** A router between the IPv6 Internet and Teredo clients: advertises 2001::/32, and forwards both ways, a hop each. */
export class RelayNode implements Ipv6Node {
  readonly name: string;
  readonly address: Ipv6Value;
  readonly access: PathQuality;
  readonly random: SimRandom;
  readonly host: EngineHost<RelayEngine, EngineEvent>;

  constructor({ udp, port, address, network, clock, create }: RelayNodeParts) {
    this.name = udp.name;
    this.address = address;
    this.access = udp.access;
    this.random = udp.random;
    this.host = new EngineHost({
      udp,
      clock,
      ports: [{ port }],
      create,
      owner: {
        deliver: (packet) => {
          if (takesHop(packet)) network.send(packet, this);
        },
      },
    });
    network.attach(address, this);
    network.advertise(teredoPrefix, this);
    this.host.act((engine, now) => engine.start(now));
  }

  get isUp(): boolean {
    return this.host.udp.isUp;
  }

  get status(): RelayStatus {
    return this.host.engine.status();
  }

  receiveNative(packet: Uint8Array): void {
    if (takesHop(packet)) this.host.take([packet]);
  }

  /** Stops without notice; the prefix is no longer advertised. */
  stop(): void {
    this.host.pause();
  }

  /** Starts again and advertises the prefix. */
  restart(): void {
    this.host.unpause();
  }
}

/** Decrements the hop limit, as the kernel does between two interfaces. Returns false when it ends. */
function takesHop(packet: Uint8Array): boolean {
  const hopLimit = hopLimitOf(packet, 0);
  writeHopLimit(packet, 0, hopLimit - 1);
  return hopLimit > 1;
}
