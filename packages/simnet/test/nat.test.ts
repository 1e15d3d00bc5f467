import type { Ipv4Endpoint } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import {
  type Internet,
  internet,
  type Nat,
  type NatKind,
  type NatOptions,
  type UdpHost,
  type UdpSocket,
} from '../src/index.ts';

/** A socket that keeps its received datagrams. */
function listener(host: UdpHost, port?: number): { socket: UdpSocket; heard: { text: string; from: Ipv4Endpoint }[] } {
  const heard: { text: string; from: Ipv4Endpoint }[] = [];
  const socket = host.socket((payload, from) => heard.push({ text: String.fromCharCode(...payload), from }), port);
  return { socket, heard };
}

const text = (words: string) => Uint8Array.from(words, (letter) => letter.charCodeAt(0));

/** One host behind a NAT and two public ones that receive. */
function scene(nat: NatKind | NatOptions | Nat, net: Internet = internet()) {
  const inner = listener(net.udpHost({ nat }));
  const [one, two] = [net.udpHost(), net.udpHost()];
  const publics = [listener(one, 1000), listener(one, 2000), listener(two, 1000)];
  const [a, b, c] = publics as [typeof inner, typeof inner, typeof inner];
  return { net, inner, a, b, c };
}

/** Returns the endpoint of the inner host that each of the public sockets sees. */
function mappedTo({ net, inner, a, b, c }: ReturnType<typeof scene>): Ipv4Endpoint[] {
  for (const { socket } of [a, b, c]) inner.socket.send(text('out'), socket.local);
  net.run(1000);
  return [a, b, c].map(({ heard }) => heard.at(-1)!.from);
}

/** Returns true if another socket reaches the inner host at the mapping that its packet to `a` made. */
function letsIn(kind: NatKind, whom: 'a' | 'b' | 'c'): boolean {
  const world = scene(kind);
  world.inner.socket.send(text('out'), world.a.socket.local);
  world.net.run(1000);
  world[whom].socket.send(text('in'), world.a.heard[0]!.from);
  world.net.run(1000);
  return world.inner.heard.length === 1;
}

describe('mapping and filtering', () => {
  it.each(['cone', 'address-restricted', 'port-restricted', 'upnp-port-restricted'] as const)(
    '%s maps whatever the destination to one endpoint',
    (kind) => {
      const [toA, toB, toC] = mappedTo(scene(kind));
      expect(toB).toEqual(toA);
      expect(toC).toEqual(toA);
    },
  );

  it.each([
    'upnp-port-symmetric',
    'port-preserving-symmetric',
    'sequential-symmetric',
    'port-symmetric',
    'address-symmetric',
  ] as const)('%s maps each destination to another endpoint', (kind) => {
    const mapped = mappedTo(scene(kind)).map(({ address, port }) => `${address}:${port}`);
    expect(new Set(mapped).size).toBe(3);
  });

  it.each([
    ['cone', true, true],
    ['address-restricted', true, false],
    ['port-restricted', false, false],
    ['port-symmetric', false, false],
  ] as const)('%s lets in: another port of a contacted address %s, anybody %s', (kind, otherPort, anybody) => {
    expect([letsIn(kind, 'a'), letsIn(kind, 'b'), letsIn(kind, 'c')]).toEqual([true, otherPort, anybody]);
  });
});

describe('choice of the external endpoint', () => {
  it('port-preserving-symmetric keeps the inner port for the first destination', () => {
    const world = scene('port-preserving-symmetric');
    const [toA, toB] = mappedTo(world);
    expect(toA!.port).toBe(world.inner.socket.local.port);
    expect(toB!.port).not.toBe(world.inner.socket.local.port);
  });

  it.each([1, 2] as const)('sequential-symmetric counts on by %s', (portStep) => {
    const [toA, toB, toC] = mappedTo(scene({ kind: 'sequential-symmetric', portStep }));
    expect([toB!.port - toA!.port, toC!.port - toB!.port]).toEqual([portStep, portStep]);
  });

  it('address-symmetric uses several addresses, a paired pool one for each inner host', () => {
    const net = internet();
    const arbitrary = net.nat('address-symmetric');
    const paired = net.nat({ kind: 'address-symmetric', pooling: 'paired' });
    const seen = (nat: Nat) =>
      new Set(Array.from({ length: 8 }, () => mappedTo(scene(nat, net))[0]!.address).flat()).size;
    const spread = (nat: Nat) => new Set(mappedTo(scene(nat, net)).map(({ address }) => address)).size;
    expect(seen(arbitrary)).toBeGreaterThan(1);
    expect(seen(paired)).toBeGreaterThan(1);
    for (let i = 0; i < 5; i++) expect(spread(paired)).toBe(1);
  });
});

describe('life of a mapping', () => {
  it.each([
    ['outbound', false],
    ['both', true],
  ] as const)('refreshed by %s: traffic from outside alone keeps it: %s', (refreshedBy, kept) => {
    const world = scene({ kind: 'cone', mappingLifetimeMs: 60_000, refreshedBy });
    const [mapped] = mappedTo(world);
    for (let i = 0; i < 4; i++) {
      world.net.run(25_000);
      world.c.socket.send(text('in'), mapped!);
    }
    world.net.run(1000);
    expect(world.inner.heard.length).toBe(kept ? 4 : 2);
  });

  it('ends after the lifetime, and the next packet gets another endpoint', () => {
    const world = scene({ kind: 'port-restricted', mappingLifetimeMs: 60_000 });
    const [before] = mappedTo(world);
    world.net.run(61_000);
    world.a.socket.send(text('in'), before!);
    world.net.run(1000);
    expect(world.inner.heard).toEqual([]);
    expect(mappedTo(world)[0]).not.toEqual(before);
  });

  it('ends with a reboot, and with a change of address', () => {
    const net = internet();
    const nat = net.nat('cone');
    const world = scene(nat, net);
    const [first] = mappedTo(world);
    nat.reboot();
    const [second] = mappedTo(world);
    expect(second!.address).toBe(first!.address);
    expect(second!.port).not.toBe(first!.port);
    nat.changeAddress();
    expect(mappedTo(world)[0]!.address).not.toBe(first!.address);
    world.a.socket.send(text('in'), second!);
    net.run(1000);
    expect(world.inner.heard).toEqual([]);
  });

  it('never ends if it was made by hand, and lets in any endpoint', () => {
    const net = internet();
    const nat = net.nat('upnp-port-restricted');
    const world = scene(nat, net);
    const mapped = nat.forward(world.inner.socket.local, 7000);
    net.run(3_600_000);
    world.c.socket.send(text('in'), mapped);
    net.run(1000);
    expect(world.inner.heard).toHaveLength(1);
    expect(mappedTo(world)).toEqual([mapped, mapped, mapped]);
  });
});

describe('mappings by hand', () => {
  it('upnp-port-symmetric lets any endpoint in at a forwarded port, and still maps outgoing datagrams by destination', () => {
    const net = internet();
    const nat = net.nat('upnp-port-symmetric');
    const world = scene(nat, net);
    const forwarded = nat.forward(world.inner.socket.local, 7000);
    world.c.socket.send(text('in'), forwarded);
    const seen = [...mappedTo(world), forwarded].map(({ port }) => port);
    expect(world.inner.heard).toHaveLength(1);
    expect(new Set(seen).size).toBe(4);
  });

  it('a reserved port serves both directions, whatever the kind', () => {
    const net = internet();
    const nat = net.nat('port-symmetric');
    const world = scene(nat, net);
    const reserved = nat.reserve(world.inner.socket.local, 7000);
    expect(mappedTo(world)).toEqual([reserved, reserved, reserved]);
  });
});

describe('mappings that a host asks for', () => {
  const ask = (nat: Nat, { socket }: ReturnType<typeof listener>, port = 7000) =>
    nat.inside.portMapper?.addPortMapping(socket.local, port);

  it.each([
    ['upnp-port-restricted', [7000, 7000, 7000]],
    ['upnp-port-symmetric', [7000, expect.any(Number), expect.any(Number)]],
  ] as const)('%s lets everybody in there; what leaves comes from ports %j', (kind, ports) => {
    const net = internet();
    const nat = net.nat(kind);
    const world = scene(nat, net);
    const mapped = ask(nat, world.inner)!;
    expect(mapped).toEqual({ address: nat.addresses[0], port: 7000 });
    const seen = mappedTo(world).map(({ port }) => port);
    expect(seen).toEqual(ports);
    expect(new Set(seen).size).toBe(new Set(ports).size === 1 ? 1 : 3);
    net.run(3_600_000);
    world.c.socket.send(text('in'), mapped);
    net.run(1000);
    expect(world.inner.heard.map((each) => each.text)).toEqual(['in']);
  });

  it('upnp-port-symmetric shows the port to one destination at a time', () => {
    const net = internet();
    const nat = net.nat('upnp-port-symmetric');
    const world = scene(nat, net);
    ask(nat, world.inner);
    expect(mappedTo(world).map(({ port }) => port === 7000)).toEqual([true, false, false]);
    net.run(61_000);
    world.inner.socket.send(text('out'), world.c.socket.local);
    net.run(1000);
    expect(world.c.heard.at(-1)!.from.port).toBe(7000);
  });

  it('a port belongs to one endpoint until that gives it back', () => {
    const net = internet();
    const nat = net.nat('upnp-port-restricted');
    const world = scene(nat, net);
    const neighbour = listener(net.udpHost({ nat }));
    expect([ask(nat, world.inner), ask(nat, world.inner)]).not.toContain(undefined);
    expect(ask(nat, neighbour)).toBeUndefined();
    nat.deletePortMapping(7000);
    world.c.socket.send(text('in'), { address: nat.addresses[0]!, port: 7000 });
    net.run(1000);
    expect(world.inner.heard).toEqual([]);
    expect(ask(nat, neighbour)).toBeDefined();
    const [taken] = mappedTo(world);
    expect(ask(nat, neighbour, taken!.port)).toBeUndefined();
  });

  it.each(['port-restricted', 'port-symmetric'] as const)('%s gives none', (kind) => {
    expect(internet().nat(kind).inside.portMapper).toBeUndefined();
  });

  it('a client asks before it starts, wherever it is, and gives back what it got', () => {
    const net = internet();
    const [home, hotel] = [net.nat('upnp-port-restricted'), net.nat('upnp-port-restricted')];
    const client = net.client({ nat: home, server: net.server(), port: 50_123, portMapping: true });
    const isMapped = (nat: Nat) => nat.addPortMapping({ address: 1, port: 1 }, 50_123) === undefined;
    net.until('the client has an address', () => client.isQualified);
    expect(client.status.mapped).toEqual({ address: home.addresses[0], port: 50_123 });
    client.moveTo(hotel.inside);
    net.until('the client has an address again', () => client.status.mapped?.address === hotel.addresses[0]);
    expect(isMapped(hotel)).toBe(true);
    client.stop();
    expect(isMapped(hotel)).toBe(false);
  });

  it('a client that takes another port asks again, and gives the old one back', () => {
    const net = internet();
    const home = net.nat('upnp-port-restricted');
    const server = net.server();
    server.stop();
    const client = net.client({ nat: home, server, portMapping: true });
    const { port: before } = client.host.service.local;
    net.run(13_000);
    server.restart();
    net.until('the client has an address', () => client.isQualified);
    const { port } = client.host.service.local;
    expect(port).not.toBe(before);
    expect(client.status.mapped).toEqual({ address: home.addresses[0], port });
    expect(home.addPortMapping({ address: 1, port: 1 }, before)).toBeDefined();
  });
});

describe('inside', () => {
  it('multicast reaches the members of the group behind the same NAT, and nobody else', () => {
    const net = internet();
    const [nat, other] = [net.nat('cone'), net.nat('cone')];
    const group = { address: 0xe00000fd, port: 3544 };
    const hosts = [nat, nat, nat, other].map((each) => net.udpHost({ nat: each }));
    const [sender, member, , elsewhere] = hosts;
    const heard = hosts.map((): string[] => []);
    for (const host of [sender!, member!, elsewhere!]) {
      const index = hosts.indexOf(host);
      host.socket((_, from) => heard[index]!.push(`${from.port}`), group.port, group.address);
    }
    const socket = sender!.socket(() => {}, 5000);
    socket.send(text('hello'), group);
    net.run(1000);
    expect(heard).toEqual([[], ['5000'], [], []]);
    elsewhere!.move(nat.inside, nat.inside.allocate());
    socket.send(text('hello'), group);
    net.run(1000);
    expect(heard).toEqual([[], ['5000', '5000'], [], ['5000']]);
  });

  it.each([true, false])('tracks input: %s; a sender that came first sees another port', (displacesMapping) => {
    const world = scene({ kind: 'port-restricted', displacesMapping });
    const { net, inner, a, b, c } = world;
    inner.socket.send(text('out'), a.socket.local);
    net.run(1000);
    const mapped = a.heard[0]!.from;
    b.socket.send(text('unsolicited'), mapped);
    net.run(29_000);
    for (const { socket } of [a, b, c]) inner.socket.send(text('out'), socket.local);
    net.run(500);
    expect(a.heard.at(-1)!.from).toEqual(mapped);
    expect(c.heard.at(-1)!.from).toEqual(mapped);
    const toFirst = b.heard.at(-1)!.from;
    expect(toFirst.port !== mapped.port).toBe(displacesMapping);
    // The way through the other port stays as long as it is used.
    b.socket.send(text('in'), toFirst);
    net.run(20_000);
    inner.socket.send(text('out'), b.socket.local);
    net.run(1000);
    expect(b.heard.at(-1)!.from).toEqual(toFirst);
    expect(inner.heard).toEqual([{ text: 'in', from: b.socket.local }]);
  });

  it('forgets input after 30 s', () => {
    const { net, inner, a, b } = scene({ kind: 'port-restricted', displacesMapping: true });
    inner.socket.send(text('out'), a.socket.local);
    net.run(1000);
    const mapped = a.heard[0]!.from;
    b.socket.send(text('unsolicited'), mapped);
    net.run(31_000);
    inner.socket.send(text('out'), b.socket.local);
    net.run(1000);
    expect(b.heard.at(-1)!.from).toEqual(mapped);
  });

  it.each([true, false])('hairpinning %s', (hairpinning) => {
    const net = internet();
    const nat = net.nat({ kind: 'port-restricted', hairpinning });
    const world = scene(nat, net);
    const [mapped] = mappedTo(world);
    const neighbour = listener(net.udpHost({ nat }));
    neighbour.socket.send(text('knock'), world.a.socket.local);
    net.run(1000);
    const neighbourMapped = world.a.heard.at(-1)!.from;
    world.inner.socket.send(text('opens the filter'), neighbourMapped);
    net.run(1000);
    neighbour.socket.send(text('hello'), mapped!);
    net.run(1000);
    expect(world.inner.heard).toEqual(hairpinning ? [{ text: 'hello', from: neighbourMapped }] : []);
  });

  it('neighbours reach each other directly', () => {
    const net = internet();
    const nat = net.nat('port-restricted');
    const [one, two] = [listener(net.udpHost({ nat })), listener(net.udpHost({ nat }))];
    one.socket.send(text('hello'), two.socket.local);
    net.run(10);
    expect(two.heard).toEqual([{ text: 'hello', from: one.socket.local }]);
  });

  it('nested NATs pass both ways', () => {
    const net = internet();
    const outer = net.nat('port-restricted');
    const world = scene({ kind: 'address-restricted', behind: outer }, net);
    const [mapped] = mappedTo(world);
    expect(outer.addresses).toContain(mapped!.address);
    world.a.socket.send(text('in'), mapped!);
    net.run(1000);
    expect(world.inner.heard.map((each) => each.text)).toEqual(['in']);
  });
});
