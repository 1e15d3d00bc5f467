import { embeddedAddress, embeddedPort, isTeredo, isWellFormedTeredo, readIpv6 } from '@navalis/address';
import { createClientEngine } from '@navalis/client-core';
import type { DatagramRun, PacketRun, RandomSource } from '@navalis/engine';
import { receiveDatagram } from '@navalis/engine/testing';
import { createRelayEngine } from '@navalis/relay-core';
import { createServerEngine } from '@navalis/server-core';
import { isBubble } from '@navalis/wire';
import {
  alice,
  aliceEndpoint,
  bob,
  endpoints,
  linkLocalBubble,
  nativeHost,
  packetsBetween,
  policy,
  primary,
  relayAddress,
  secondary,
  serverEndpoint,
  solicitation,
  wrapped,
} from './cast.ts';
import type { Dice } from './dice.ts';
import { expectThat } from './finding.ts';
import type { Story } from './story.ts';
import { WatchedOutputs } from './watched-outputs.ts';

export type Role = 'client' | 'server' | 'relay' | 'host relay';
export const roles: readonly Role[] = ['client', 'server', 'relay', 'host relay'];

/** When the stories begin; by then a client has its address. */
export const startsAt = 1000;
const peerBound = 16;

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
      local: { address: 0x0a000005, port: 41_000 },
      policy,
      determinesRefreshInterval: dice.once(3),
      peerCapacity: peerBound,
      queueCapacity: 32,
    },
    outputs,
    randomOf(dice),
  );
  if (dice.once(6)) engine.start(startsAt);
  else qualify(engine, outputs, dice);
  const own = engine.status().address ?? alice;
  const packets = [...packetsBetween(own, bob), ...packetsBetween(own, nativeHost), ...packetsBetween(nativeHost, own)];
  const arriving = [...packetsBetween(bob, own), ...packetsBetween(nativeHost, own), linkLocalBubble, solicitation];
  return {
    engine,
    outputs,
    endpoints,
    datagrams: [...arriving, ...arriving.flatMap(wrapped)],
    packets,
    peerBound,
    // The packets that wait for a peer (8), a bubble or test towards it, and its answer through the server.
    datagramsPerStep: 12,
    amplification: 3,
    judgeDelivery(delivered, cause) {
      const { memory, offset } = delivered;
      if (cause === undefined) return;
      expectThat(!isBubble(memory, offset), 'no bubble reaches the host');
      judgeSource(delivered, cause);
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
    },
    outputs,
    randomOf(dice),
  );
  engine.start(startsAt);
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
      judgeSource(delivered, cause);
    },
  };
}

/** RFC 4380 5.2.3 and 5.4.2, written down once more: a Teredo source counts from the endpoint that it embeds only. */
function judgeSource({ memory, offset }: PacketRun, cause: DatagramRun): void {
  const source = readIpv6(memory, offset + 8);
  if (!isTeredo(source)) return;
  expectThat(isWellFormedTeredo(source, policy), 'a source is a good Teredo address');
  const isItsOwn = embeddedAddress(source) === cause.sourceAddress && embeddedPort(source) === cause.sourcePort;
  expectThat(isItsOwn, 'a packet comes from the endpoint that its source embeds');
}

/** Lets the client and a server's engine talk until the client has its address. */
function qualify(client: ReturnType<typeof createClientEngine>, outputs: WatchedOutputs, dice: Dice): void {
  const answers: { readonly payload: Uint8Array; readonly address: number }[] = [];
  const serverOutputs = new WatchedOutputs(0, 1);
  const server = createServerEngine({ primary, secondary, policy, rateLimit: false }, serverOutputs, randomOf(dice));
  server.start(0);
  let asked = primary;
  serverOutputs.judgeDatagram = ({ memory, offset, packetLength }) => {
    answers.push({ payload: memory.slice(offset, offset + packetLength), address: asked });
  };
  outputs.judgeDatagram = ({ memory, offset, packetLength }, address) => {
    asked = address;
    const portId = address === primary ? 0 : 1;
    receiveDatagram(server, memory.slice(offset, offset + packetLength), { ...aliceEndpoint, portId }, 0);
  };
  client.start(0);
  for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) {
    receiveDatagram(client, answer.payload, { address: answer.address, port: serverEndpoint.port }, 1);
  }
  outputs.judgeDatagram = () => undefined;
  expectThat(client.status().state === 'qualified', 'a client qualifies with a good server');
}

function randomOf(dice: Dice): RandomSource {
  return {
    fill(target) {
      for (let index = 0; index < target.length; index++) target[index] = dice.word();
    },
  };
}
