import type { Ipv6Value } from '@navalis/address';
import type { Ipv6Network, Ipv6Node } from '../paths/ipv6-network.ts';
import type { PathQuality } from '../paths/path-quality.ts';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Ipv6Host } from './ipv6-host.ts';

/** The parts of a native host. */
export interface NativeHostParts {
  readonly name: string;
  readonly address: Ipv6Value;
  readonly network: Ipv6Network;
  readonly access: PathQuality;
  readonly clock: VirtualClock;
  readonly random: SimRandom;
}

/** A host with a native IPv6 address. */
export class NativeHost extends Ipv6Host implements Ipv6Node {
  readonly address: Ipv6Value;
  readonly access: PathQuality;
  readonly random: SimRandom;
  isUp = true;
  protected readonly network: Ipv6Network;

  constructor({ name, address, network, access, clock, random }: NativeHostParts) {
    super(name, clock, random);
    this.address = address;
    this.access = access;
    this.random = random;
    this.network = network;
    network.attach(address, this);
  }

  receiveNative(packet: Uint8Array): void {
    this.receive(packet);
  }

  protected transmit(packets: readonly Uint8Array[]): void {
    for (const packet of packets) this.network.send(packet, this);
  }
}
