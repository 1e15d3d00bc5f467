import { type NatBehaviour, natKinds } from '@navalis/nat';
import type { Laboratory } from '../laboratory.ts';
import {
  accessNetwork,
  anycastRelays,
  crowdAddresses,
  dataCentre,
  dualStackAddress,
  dualStackIpv6Address,
  fleetAddresses,
  ipv6Network,
  type Network,
  otherServerAddress,
  otherServerSecondaryAddress,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
  turnAddress,
  webIpv6Address,
} from './address-plan.ts';
import { type Carriage, connect, createBridge, plugIn } from './link.ts';
import type { Namespace } from './namespace.ts';
import { type LinuxNatKind, type NatOptions, translateAddresses } from './nat-box.ts';
import { usesOffloads } from './offloads.ts';
import { translateInUserSpace } from './routed-nat.ts';

/** A private network behind a NAT, with one host in it. */
export interface Home {
  readonly host: Namespace;
  readonly router: Namespace;
  /** The NAT's address on the Internet. */
  readonly publicAddress: string;
}

/** A home whose NAT is the kernel's. */
export interface KernelHome extends Home {
  /** Makes the router another kind of NAT. Connections that it translates go on. */
  changeNat(kind: LinuxNatKind): void;
}

/** The kinds of NAT that a home may have without UPnP. */
export type LabNatKind = LinuxNatKind | 'sequential-symmetric';

/** The number and the addresses of a home: two on the Internet, one of its host. */
interface HomePlace {
  readonly number: number;
  readonly publicAddress: string;
  readonly secondAddress: string;
  readonly privateAddress: string;
}

type NatHabits = Pick<NatOptions, 'acceptsInput' | 'hairpinning'>;

/** The interfaces of every router of a home. */
const interfaces = { outside: 'wan', inside: 'lan' } as const;

/** One router with three networks, to which machines are added at will: see `address-plan.ts`. */
export class Internet {
  readonly core: Namespace;
  readonly #laboratory: Laboratory;
  readonly #carriage: Carriage;
  #homes = 0;

  constructor(laboratory: Laboratory, carriage: Carriage = usesOffloads() ? 'super-segments' : 'single-packets') {
    this.#laboratory = laboratory;
    this.#carriage = carriage;
    this.core = laboratory.machine('core');
    this.core.setting('net/ipv4/ip_forward', '1');
    this.core.setting('net/ipv6/conf/all/forwarding', '1');
    for (const network of [dataCentre, accessNetwork, ipv6Network]) {
      createBridge(this.core, network.bridge, network.gateways);
    }
  }

  /** A machine in the data centre for a Teredo server: dual stack, two IPv4 addresses in a row. */
  serverHost(): Namespace {
    return this.#host('server', dataCentre, [
      `${serverAddress}/24`,
      `${serverSecondaryAddress}/24`,
      '2d00:0:0:1::10/64',
    ]);
  }

  /** A machine for a second Teredo server. */
  otherServerHost(): Namespace {
    return this.#host('server-2', dataCentre, [
      `${otherServerAddress}/24`,
      `${otherServerSecondaryAddress}/24`,
      '2d00:0:0:1::14/64',
    ]);
  }

  /** A machine for up to 16 servers, each at two of its addresses. */
  fleetHost(): Namespace {
    const addresses = fleetAddresses.flatMap((primary) => [
      primary,
      primary.replace(/\d+$/, (last) => `${Number(last) + 1}`),
    ]);
    return this.#host('fleet', dataCentre, [...addresses.map((address) => `${address}/24`), '2d00:0:0:1::50/64']);
  }

  /** A host with many IPv4 addresses, for clients without a NAT. */
  crowdHost(): Namespace {
    const addresses = crowdAddresses.map((address) => `${address}/24`);
    return this.#host('crowd', accessNetwork, addresses);
  }

  /** A dual-stack router in the data centre to which the Internet sends all packets for Teredo clients. */
  relayHost(): Namespace {
    const host = this.#host('relay', dataCentre, [`${relayAddress}/24`, `${relayIpv6Address}/64`]);
    host.setting('net/ipv6/conf/all/forwarding', '1');
    this.core.ip(`route add 2001::/32 via ${relayIpv6Address}`);
    return host;
  }

  /**
   * A dual-stack router in the data centre for one of several relays. The Internet sends it packets for Teredo clients when it announces
   * the service prefix, and all packets between two hosts to the same relay.
   */
  anycastRelayHost(number: number): Namespace {
    const { ipv4, ipv6 } = anycastRelays[number]!;
    const host = this.#host(`relay-${number + 1}`, dataCentre, [`${ipv4}/24`, `${ipv6}/64`]);
    host.setting('net/ipv6/conf/all/forwarding', '1');
    // Without a relay, packets for clients must not go back to the router until their hop limit ends.
    host.ip('route add unreachable 2001::/32 metric 1000000');
    // The custom policy, of source and destination address.
    this.core.setting('net/ipv6/fib_multipath_hash_policy', '3');
    this.core.setting('net/ipv6/fib_multipath_hash_fields', '3');
    return host;
  }

  /** A dual-stack host in the data centre: the place of a host-specific relay. */
  dualStackHost(): Namespace {
    return this.#host('dual-stack', dataCentre, [`${dualStackAddress}/24`, `${dualStackIpv6Address}/64`]);
  }

  /** A machine in the data centre for a TURN server. */
  turnHost(): Namespace {
    return this.#host('turn', dataCentre, [`${turnAddress}/24`, '2d00:0:0:1::40/64']);
  }

  /** A host that has IPv6 and nothing else. */
  webHost(): Namespace {
    return this.#host('web', ipv6Network, [`${webIpv6Address}/64`]);
  }

  /** A host in the data centre without a role, the source of unwanted traffic. */
  bystander(): Namespace {
    return this.#host('bystander', dataCentre, ['198.51.100.66/24', '2d00:0:0:1::66/64']);
  }

  /** A home with a NAT of the kernel. */
  home(nat: LinuxNatKind = 'port-restricted', habits: NatHabits = {}): KernelHome {
    const place = this.#nextPlace();
    const { publicAddress, secondAddress, privateAddress } = place;
    const { host, router } = this.#home(place, [`${publicAddress}/24`, `${secondAddress}/24`]);
    const addresses = [publicAddress, secondAddress] as const;
    const changeNat = (kind: LinuxNatKind) => {
      router.run('nft', ['flush', 'ruleset']);
      translateAddresses(router, { kind, ...interfaces, host: privateAddress, addresses, ...habits });
    };
    changeNat(nat);
    return { host, router, publicAddress, changeNat };
  }

  /** A home with a NAT of that kind: the kernel's, or a program's where the kernel has none. */
  async homeBehind(kind: LabNatKind): Promise<Home> {
    return kind === 'sequential-symmetric' ? this.routedHome(natKinds[kind]) : this.home(kind);
  }

  /** A home with a NAT of one address that a program makes, for what the kernel cannot be. */
  async routedHome(behaviour: NatBehaviour): Promise<Home> {
    const place = this.#nextPlace();
    const { publicAddress, secondAddress, privateAddress } = place;
    // The router's own address is not the NAT's.
    const { host, router } = this.#home(place, [`${secondAddress}/24`]);
    await translateInUserSpace(this.#laboratory, router, {
      behaviour,
      ...interfaces,
      host: privateAddress,
      addresses: [publicAddress],
    });
    return { host, router, publicAddress };
  }

  /** Hosts on one link behind one NAT, which does not connect them with each other at its outside address. */
  household(...labels: readonly string[]): readonly Namespace[] {
    const { number, publicAddress } = this.#nextPlace();
    const router = this.#host(`nat-${number}`, accessNetwork, [`${publicAddress}/24`], 'wan');
    createBridge(router, 'lan', [`192.168.${number}.1/24`]);
    const hosts = labels.map((label, index) => {
      const host = this.#laboratory.machine(label);
      plugIn({ namespace: host, interface: 'eth0' }, router, 'lan', this.#carriage);
      host.ip(`addr add 192.168.${number}.${100 + index}/24 dev eth0`, `route add default via 192.168.${number}.1`);
      return host;
    });
    const nat = { ...interfaces, host: `192.168.${number}.100` } as const;
    translateAddresses(router, { ...nat, kind: 'port-restricted', addresses: [publicAddress, publicAddress] });
    return hosts;
  }

  #nextPlace(): HomePlace {
    this.#homes += 1;
    const number = this.#homes;
    return {
      number,
      publicAddress: `203.0.113.${10 + number}`,
      secondAddress: `203.0.113.${110 + number}`,
      privateAddress: `192.168.${number}.100`,
    };
  }

  /** A router with these addresses on the Internet, and one host behind it. */
  #home({ number, privateAddress }: HomePlace, addresses: readonly string[]): Pick<Home, 'host' | 'router'> {
    const router = this.#host(`nat-${number}`, accessNetwork, addresses, 'wan');
    const host = this.#laboratory.machine(`client-${number}`);
    connect({ namespace: router, interface: 'lan' }, { namespace: host, interface: 'eth0' }, this.#carriage);
    router.ip(`addr add 192.168.${number}.1/24 dev lan`);
    host.ip(`addr add ${privateAddress}/24 dev eth0`, `route add default via 192.168.${number}.1`);
    return { host, router };
  }

  #host(label: string, network: Network, addresses: readonly string[], port = 'eth0'): Namespace {
    const host = this.#laboratory.machine(label);
    plugIn({ namespace: host, interface: port }, this.core, network.bridge, this.#carriage);
    host.ip(
      ...addresses.map((address) => `addr add ${address} dev ${port}`),
      ...(network.ipv4Gateway === undefined ? [] : [`route add default via ${network.ipv4Gateway}`]),
      ...(network.ipv6Gateway === undefined ? [] : [`route add ::/0 via ${network.ipv6Gateway}`]),
    );
    return host;
  }
}
