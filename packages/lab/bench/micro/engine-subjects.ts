import { Ipv4Policy, parseIpv4, teredoPort } from '@navalis/address';
import { createDatagramRun, type EngineOutputs, pointRunAt } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { createServerEngine } from '@navalis/server-core';
import { writeNonceAuthentication, writeRouterSolicitation } from '@navalis/wire';
import { ClientWithPeer } from './client-with-peer.ts';
import { RelayWithClients } from './relay-with-clients.ts';
import type { Subject } from './subject.ts';

const repeats = 1_000;
const packetOctets = 104;
const now = 1_000;

/** Returns the subjects that measure an engine's decision on one run, of one packet or of many. */
export function engineSubjects(): readonly Subject[] {
  return [1, 45]
    .flatMap((packets) => [towardsClient(packets), fromClient(packets), towardsPeer(packets), fromPeer(packets)])
    .concat(solicitation());
}

function towardsClient(packets: number): Subject {
  const relay = new RelayWithClients(1_024);
  relay.introduce(100, now);
  return {
    name: `relay, run of ${packets} to a client`,
    operations: repeats,
    run: () => {
      const before = relay.datagrams;
      for (let index = 0; index < repeats; index++) relay.sendTo(index % 100, now, packets);
      return relay.datagrams - before;
    },
    isRight: (sent) => sent === repeats * packets,
  };
}

function fromClient(packets: number): Subject {
  const relay = new RelayWithClients(1_024);
  relay.introduce(100, now);
  const run = relay.runFrom(7, packets);
  return {
    name: `relay, run of ${packets} from a client`,
    operations: repeats,
    run: () => {
      const before = relay.packets;
      for (let index = 0; index < repeats; index++) relay.engine.handleDatagrams(run, now);
      return relay.packets - before;
    },
    isRight: (delivered) => delivered === repeats * packets,
  };
}

function towardsPeer(packets: number): Subject {
  const client = new ClientWithPeer(now);
  const run = client.runTo(packets, packetOctets);
  return {
    name: `client, run of ${packets} to a peer`,
    operations: repeats,
    run: () => {
      const before = client.datagrams;
      for (let index = 0; index < repeats; index++) client.engine.handlePackets(run, now);
      return client.datagrams - before;
    },
    isRight: (sent) => sent === repeats * packets,
  };
}

function fromPeer(packets: number): Subject {
  const client = new ClientWithPeer(now);
  const run = client.runFrom(packets, packetOctets);
  return {
    name: `client, run of ${packets} from a peer`,
    operations: repeats,
    run: () => {
      const before = client.packets;
      for (let index = 0; index < repeats; index++) client.engine.handleDatagrams(run, now);
      return client.packets - before;
    },
    isRight: (delivered) => delivered === repeats * packets,
  };
}

function solicitation(): Subject {
  let answers = 0;
  const outputs: EngineOutputs = {
    sendDatagrams: (run) => {
      answers += run.count;
    },
    deliverPackets: () => undefined,
    report: () => undefined,
    openPort: () => 'table-full',
    closePort: () => undefined,
  };
  const primary = parseIpv4('203.0.113.120')!;
  const policy = new Ipv4Policy({ strictness: 'rfc4380' });
  const options = { primary, secondary: primary + 1, policy, rateLimit: false };
  const server = createServerEngine(options, outputs, seededRandom(1));
  server.start(0);
  const memory = new Uint8Array(128);
  const source = { word0: 0xfe800000, word1: 0, word2: 0xffff_f5ff, word3: 0xff00_0001 };
  const packet = writeNonceAuthentication(memory, 0, new Uint8Array(8).fill(9));
  const run = createDatagramRun(memory);
  run.sourceAddress = parseIpv4('192.0.2.1')!;
  run.sourcePort = teredoPort;
  pointRunAt(run, 0, packet + writeRouterSolicitation(memory, packet, source));
  return {
    name: 'server, one solicitation',
    operations: repeats,
    run: () => {
      const before = answers;
      for (let index = 0; index < repeats; index++) server.handleDatagrams(run, now);
      return answers - before;
    },
    isRight: (sent) => sent === repeats,
  };
}
