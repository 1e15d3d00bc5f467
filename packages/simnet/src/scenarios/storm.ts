import type { Milliseconds } from '@navalis/engine';
import { type NatBehaviour, type NatKind, supportedNatKinds, symmetricNatKinds } from '@navalis/nat';
import type { Ipv6Host } from '../hosts/ipv6-host.ts';
import type { Nat } from '../nat/nat.ts';
import type { PathQuality } from '../paths/path-quality.ts';
import { SimRandom } from '../sim-random.ts';
import type { ClientNode } from '../teredo/client-node.ts';
import { type Internet, internet } from '../teredo/internet.ts';

const clientCount = 5;
const stormMs = 600_000;
/** An off-line client waits for 11 minutes at most, an unreachable peer is left alone for 5. */
const longestWaitMs = 1_200_000;
const weather: Partial<PathQuality> = { loss: 0.03, reordering: 0.05, duplication: 0.02, jitterMs: 10 };

export interface StormResult {
  /** The number of events of each kind. */
  readonly happenings: Readonly<Record<string, number>>;
  /** After the storm, from the last to recover. */
  readonly recoveredMs: Milliseconds;
  readonly packets: number;
}

/** One of the nodes, with the NAT that it is behind at the moment. */
interface Person {
  readonly client: ClientNode;
  nat: Nat;
  /** Behind a NAT through which RFC 4380 does not connect. */
  isCutOff: boolean;
}

/**
 * For ten minutes anything happens to five clients, three servers, two relays and a host-specific relay behind a NAT: NATs reboot
 * and get other addresses, servers and relays die and come back, clients sleep and move, also behind symmetric NATs, packets get
 * lost. Afterwards, when the clients are behind NATs of supported kinds again, everybody must reach everybody.
 * @throws Error when somebody does not.
 */
export function storm(seed: number): StormResult {
  const net = internet({ seed, core: weather });
  const random = new SimRandom(`storm ${net.seed}`);
  const servers = Array.from({ length: 3 }, () => net.server());
  const relays = Array.from({ length: 2 }, () => net.relay());
  const hosts = relays.map((relay) => net.nativeHost({ relay }));
  const people: Person[] = Array.from({ length: clientCount }, () => {
    const nat = anyNat(net, random, supportedNatKinds);
    const preferred = random.below(servers.length);
    return {
      nat,
      isCutOff: false,
      client: net.client({ nat, server: [...servers.slice(preferred), ...servers.slice(0, preferred)] }),
    };
  });
  const ownRelayNat = anyNat(net, random, supportedNatKinds);
  const everybody: Ipv6Host[] = [...people.map(({ client }) => client), ...hosts, net.hostRelay({ nat: ownRelayNat })];

  const move = (person: Person, natKinds: readonly NatKind[]) => {
    person.nat = anyNat(net, random, natKinds);
    person.isCutOff = natKinds === symmetricNatKinds;
    person.client.moveTo(person.nat.inside);
  };
  const happenings: Record<string, number> = {};
  const kinds: Readonly<Record<string, () => void>> = {
    'NAT reboot': () => any([ownRelayNat, ...people.map(({ nat }) => nat)], random).reboot(),
    'address change': () => any([ownRelayNat, ...people.map(({ nat }) => nat)], random).changeAddress(),
    'server death': () => any(servers, random).stop(),
    'server return': () => any(servers, random).restart(),
    'relay death': () => any(relays, random).stop(),
    'relay return': () => any(relays, random).restart(),
    sleep: () => {
      const { client } = any(people, random);
      if (client.host.udp.isUp) client.suspend(1000 + random.below(120_000));
    },
    move: () => {
      const person = any(people, random);
      if (person.client.host.udp.isUp) move(person, random.happens(0.3) ? symmetricNatKinds : supportedNatKinds);
    },
    ping: () => void any(everybody, random).ping(any(everybody, random)),
    transfer: () => void any(everybody, random).transfer(any(everybody, random), 20_000),
  };
  for (let at = 0; at < stormMs; at += random.below(10_000)) {
    const kind = any(Object.keys(kinds), random);
    happenings[kind] = (happenings[kind] ?? 0) + 1;
    net.clock.at(at, kinds[kind]!);
  }
  net.run(stormMs + 120_000);

  for (const node of [...servers, ...relays]) node.restart();
  for (const person of people) if (person.isCutOff) move(person, supportedNatKinds);
  const calm = net.now;
  for (const from of everybody) {
    for (const to of everybody) {
      if (from === to) continue;
      const ping = from.ping(to, 1000);
      net.until(`${from.name} reaches ${to.name}`, () => ping.answeredAt !== undefined, longestWaitMs);
    }
  }
  return { happenings, recoveredMs: net.now - calm, packets: net.traffic.sent };
}

/** A NAT of one of the kinds, sometimes behind another one. */
function anyNat(net: Internet, random: SimRandom, kinds: readonly NatKind[]): Nat {
  const behaviour = (): Partial<NatBehaviour> & { kind: NatKind } => ({
    kind: any(kinds, random),
    portAssignment: any(['random', 'preserving', 'sequential'], random),
    mappingLifetimeMs: 45_000 + random.below(120_000),
    refreshedBy: any(['outbound', 'both'], random),
    hairpinning: random.happens(0.5),
  });
  return random.happens(0.2) ? net.nat({ ...behaviour(), behind: net.nat(behaviour()) }) : net.nat(behaviour());
}

function any<Item>(items: readonly Item[], random: SimRandom): Item {
  return items[random.below(items.length)]!;
}
