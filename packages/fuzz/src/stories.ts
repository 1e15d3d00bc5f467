import { type Ipv4Value, isTeredo, parseIpv4, readIpv6 } from '@navalis/address';
import { createClientEngine } from '@navalis/client-core';
import type { PacketRun, RandomSource } from '@navalis/engine';
import { receiveDatagram } from '@navalis/engine/testing';
import { createRelayEngine } from '@navalis/relay-core';
import { createServerEngine } from '@navalis/server-core';
import { allExtensions, noExtensions } from '@navalis/traversal';
import { isBubble } from '@navalis/wire';
import {
  alice,
  aliceEndpoint,
  aliceLocal,
  bob,
  bubblesTo,
  carol,
  endpoints,
  linkLocalBubble,
  nativeHost,
  packetsBetween,
  policy,
  primary,
  relayAddress,
  type Sent,
  secondary,
  serverEndpoint,
  solicitation,
  wrapped,
} from './cast.ts';
import type { Dice } from './dice.ts';
import { expectThat } from './finding.ts';
import type { Story } from './story.ts';
import { WatchedOutputs } from './watched-outputs.ts';
import { Witness } from './witness.ts';

export type Role = 'client' | 'server' | 'relay' | 'host relay';
export const roles: readonly Role[] = ['client', 'server', 'relay', 'host relay'];

/** When the stories begin; by then a client has its address. */
export const startsAt = 1000;
const peerBound = 16;
const mostAnswers = 16;

export function storyOf(role: Role, dice: Dice): Story {
  switch (role) {
    case 'client':
      return clientStory(dice);
    case 'server':
      return serverStory(dice);
    case 'relay':
      return relayStory('relay', dice);
    case 'host relay':
      return relayStory('host', dice);
  }
}

/** A client that qualified with a real server's engine, in most stories. */
function clientStory(dice: Dice): Story {
  const outputs = new WatchedOutputs(0);
  const engine = createClientEngine(
    {
      servers: [{ primary, secondary }],
      local: aliceLocal,
      policy,
      determinesRefreshInterval: dice.once(3),
      extensions: dice.once(4) ? noExtensions : allExtensions,
      peerCapacity: peerBound,
      queueCapacity: 32,
    },
    outputs,
    randomOf(dice),
  );
  // Behind the same NAT that the server sees, or behind an inner one.
  const forwarding = [
    { address: aliceEndpoint.address, port: aliceEndpoint.port },
    { address: parseIpv4('192.168.9.9')!, port: 41_000 },
  ];
  if (dice.once(3)) engine.portMapped(dice.pick(forwarding), startsAt);
  const server = new HonestServer(dice);
  if (dice.once(6)) engine.start(startsAt);
  else qualify(engine, outputs, server);
  const witness = new Witness(outputs);
  const own = engine.status().address ?? alice;
  const packets = [
    ...[bob, carol, nativeHost].flatMap((peer) => packetsBetween(own, peer)),
    ...packetsBetween(nativeHost, own),
  ];
  const arriving = [
    ...[bob, carol, nativeHost].flatMap((peer) => packetsBetween(peer, own)),
    linkLocalBubble,
    solicitation,
  ];
  return {
    engine,
    outputs,
    endpoints,
    datagrams: [...arriving, ...arriving.flatMap(wrapped)],
    bubbles: bubblesTo(own),
    answers: server.answers,
    hear: (sent, address) => server.hear(sent, address),
    witness,
    natAddress: aliceEndpoint.address,
    packets,
    peerBound,
    // The packets that wait for a peer (8), a bubble or test towards it, and its answer through the server.
    datagramsPerStep: 12,
    amplification: 3,
    judgeDelivery(delivered, cause) {
      const { memory, offset } = delivered;
      if (cause === undefined) return;
      expectThat(!isBubble(memory, offset), 'no bubble reaches the host');
      witness.judgeSource(delivered, cause);
    },
  };
}

function serverStory(dice: Dice): Story {
  const outputs = new WatchedOutputs(0, 1);
  const engine = createServerEngine({ primary, secondary, policy, rateLimit: dice.once(2) }, outputs, randomOf(dice));
  engine.start(startsAt);
  const arriving = [solicitation, ...packetsBetween(alice, bob), ...packetsBetween(nativeHost, bob), linkLocalBubble];
  return {
    engine,
    outputs,
    endpoints,
    datagrams: [...arriving, ...arriving.flatMap(wrapped), ...packetsBetween(alice, nativeHost)],
    bubbles: [],
    answers: [],
    hear: () => undefined,
    witness: new Witness(outputs),
    natAddress: undefined,
    packets: [],
    peerBound: 0,
    datagramsPerStep: 1,
    // A bare solicitation of 48 octets makes 104; with the outer headers 76 make 132.
    amplification: 132 / 76,
    judgeDelivery({ memory, offset }) {
      expectThat(!isTeredo(readIpv6(memory, offset + 24)), 'what goes to IPv6 routing is for no Teredo client');
    },
  };
}

function relayStory(kind: 'relay' | 'host', dice: Dice): Story {
  const outputs = new WatchedOutputs(0);
  const engine = createRelayEngine(
    {
      kind,
      localAddress: relayAddress,
      servedRanges: [{ address: nativeHost, length: kind === 'host' ? 128 : 16 }],
      ownIpv4Addresses: [0xc0000214],
      policy,
      rateLimit: dice.once(2),
      maximumClients: peerBound,
      extensions: dice.once(4) ? noExtensions : allExtensions,
    },
    outputs,
    randomOf(dice),
  );
  engine.start(startsAt);
  const witness = new Witness(outputs);
  const arriving = [
    ...packetsBetween(alice, nativeHost),
    ...packetsBetween(bob, nativeHost),
    ...packetsBetween(bob, relayAddress),
    linkLocalBubble,
  ];
  return {
    engine,
    outputs,
    endpoints,
    datagrams: [...arriving, ...arriving.flatMap(wrapped)],
    bubbles: [...bubblesTo(nativeHost), ...bubblesTo(relayAddress)],
    answers: [],
    hear: () => undefined,
    witness,
    natAddress: undefined,
    packets: [
      ...packetsBetween(nativeHost, alice),
      ...packetsBetween(nativeHost, bob),
      ...packetsBetween(alice, nativeHost),
    ],
    peerBound,
    datagramsPerStep: 12,
    amplification: 0,
    judgeDelivery(delivered, cause) {
      if (cause === undefined) return;
      expectThat(
        isTeredo(readIpv6(delivered.memory, delivered.offset + 8)),
        'a relay delivers what comes from clients',
      );
      witness.judgeSource(delivered, cause);
    },
  };
}

/** Lets the client and the server talk until the client has its address. */
function qualify(
  client: ReturnType<typeof createClientEngine>,
  outputs: WatchedOutputs,
  { answers, hear }: HonestServer,
): void {
  outputs.judgeDatagram = hear;
  client.start(0);
  for (let next = 0; next < answers.length; next++) {
    const { payload, from } = answers[next]!;
    receiveDatagram(client, payload, from, 1);
  }
  expectThat(client.status().state === 'qualified', 'a client qualifies with a good server');
}

/** A server that answers Alice, and keeps its answers. */
class HonestServer {
  readonly answers: Sent[] = [];
  readonly #outputs: WatchedOutputs = new WatchedOutputs(0, 1);
  readonly #engine: ReturnType<typeof createServerEngine>;

  constructor(dice: Dice) {
    this.#engine = createServerEngine({ primary, secondary, policy, rateLimit: false }, this.#outputs, randomOf(dice));
    this.#engine.start(0);
  }

  readonly hear = ({ memory, offset, packetLength }: PacketRun, address: Ipv4Value): void => {
    const from = { address, port: serverEndpoint.port };
    this.#outputs.judgeDatagram = (sent, to, port) => {
      if (to !== aliceEndpoint.address || port !== aliceEndpoint.port) return;
      if (this.answers.length === mostAnswers) this.answers.shift();
      this.answers.push({ payload: sent.memory.slice(sent.offset, sent.offset + sent.packetLength), from });
    };
    const portId = [primary, secondary].indexOf(address);
    if (portId < 0) return;
    const asked = memory.slice(offset, offset + packetLength);
    receiveDatagram(this.#engine, asked, { ...aliceEndpoint, portId }, 0);
  };
}

function randomOf(dice: Dice): RandomSource {
  return {
    fill(target) {
      for (let index = 0; index < target.length; index++) target[index] = dice.word();
    },
  };
}
