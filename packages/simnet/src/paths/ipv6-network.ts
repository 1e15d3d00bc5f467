import { type Ipv6Prefix, type Ipv6Value, ipv6PrefixContains, readIpv6 } from '@navalis/address';
import { destinationOffset, hopLimitOf, writeHopLimit } from '@navalis/wire';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { copiesOver, crossingTime, type PathQuality, type Stretches } from './path-quality.ts';
import type { Traffic } from './traffic.ts';

/** A node of the IPv6 Internet. */
export interface Ipv6Node {
  readonly name: string;
  readonly access: PathQuality;
  readonly random: SimRandom;
  readonly isUp: boolean;
  receiveNative(packet: Uint8Array): void;
}

/**
 * The IPv6 Internet: addresses of hosts, and prefixes that several routers may advertise. Of those, a node uses the
 * nearest; `prefer` says which that is, else it is the first that is up. Every crossing costs one hop.
 */
export class Ipv6Network {
  readonly #core: PathQuality;
  readonly #clock: VirtualClock;
  readonly #traffic: Traffic;
  readonly #hosts: Map<string, Ipv6Node> = new Map();
  readonly #advertised: { prefix: Ipv6Prefix; node: Ipv6Node }[] = [];
  readonly #preferred: Map<Ipv6Node, Ipv6Node> = new Map();

  constructor(core: PathQuality, clock: VirtualClock, traffic: Traffic) {
    this.#core = core;
    this.#clock = clock;
    this.#traffic = traffic;
  }

  attach(address: Ipv6Value, node: Ipv6Node): void {
    this.#hosts.set(keyOf(address), node);
  }

  advertise(prefix: Ipv6Prefix, node: Ipv6Node): void {
    this.#advertised.push({ prefix, node });
  }

  /** Makes `router` the nearest to `node` of all routers of its prefix. */
  prefer(node: Ipv6Node, router: Ipv6Node): void {
    this.#preferred.set(node, router);
  }

  /** Takes the packet over and delivers it, late, twice or never. */
  send(packet: Uint8Array, from: Ipv6Node): void {
    this.#traffic.sent++;
    this.#traffic.octets += packet.length;
    const to = this.#route(readIpv6(packet, destinationOffset), from);
    const hopLimit = hopLimitOf(packet, 0);
    if (to === undefined || to === from || hopLimit <= 1) {
      this.#traffic.unroutable++;
      return;
    }
    writeHopLimit(packet, 0, hopLimit - 1);
    const stretches: Stretches = [from.access, this.#core, to.access];
    const copies = copiesOver(stretches, from.random);
    this.#traffic.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = crossingTime(stretches, from.random);
      if (delay === undefined) this.#traffic.lost++;
      else this.#deliverAfter(delay, copy === 0 ? packet : packet.slice(), to);
    }
  }

  #route(destination: Ipv6Value, from: Ipv6Node): Ipv6Node | undefined {
    const host = this.#hosts.get(keyOf(destination));
    if (host !== undefined) return host;
    const routers = this.#advertised.filter((each) => each.node.isUp && ipv6PrefixContains(each.prefix, destination));
    const longest = Math.max(...routers.map((each) => each.prefix.length));
    const nearest = routers.filter((each) => each.prefix.length === longest).map((each) => each.node);
    const preferred = this.#preferred.get(from);
    return preferred !== undefined && nearest.includes(preferred) ? preferred : nearest[0];
  }

  #deliverAfter(delay: number, packet: Uint8Array, to: Ipv6Node): void {
    this.#clock.after(delay, () => {
      if (!to.isUp) {
        this.#traffic.unroutable++;
        return;
      }
      this.#traffic.delivered++;
      to.receiveNative(packet);
    });
  }
}

function keyOf({ word0, word1, word2, word3 }: Ipv6Value): string {
  return `${word0},${word1},${word2},${word3}`;
}
