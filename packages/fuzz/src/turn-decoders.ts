import { Ipv4Policy, parseIpv4 } from '@navalis/address';
import { Counters, createDatagramRun, dropReasons, pointRunAt } from '@navalis/engine';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import {
  RelayedPort,
  readStunMessage,
  StunLayout,
  StunWriter,
  stunAttributes,
  stunClasses,
  stunMethods,
} from '@navalis/turn';
import { FakeTurnServer } from '@navalis/turn/testing';
import type { Decoder } from './decoder.ts';
import { expectThat } from './finding.ts';

const client = { address: parseIpv4('8.1.0.9')!, port: 50_000 };
const server = { address: parseIpv4('8.1.0.1')!, port: 3478 };
const peer = { address: parseIpv4('8.1.0.7')!, port: 40_000 };
const credentials = { username: 'alice', password: 'secret' };
/** Hostile messages for one client; few, so that a finding is quickly reproduced. */
const messagesPerClient = 500;
const now = 1_000;

const messages = conversation();
const layout = new StunLayout();

/** A client with an allocation, a permission and a channel; and what it did. */
interface Scene {
  readonly port: RelayedPort;
  readonly outputs: RecordingOutputs;
  readonly counters: Counters;
  received: number;
  /** The transaction ID of the last request. */
  transactionId: Uint8Array;
}

let scene = createScene();
let attacks = 0;

/** The codec of STUN, and a TURN client that hears hostile messages from its server. */
export const turnDecoders: readonly Decoder[] = [
  {
    name: 'stun message',
    templates: messages,
    read(bytes, length) {
      // Half of what is mutated would have a wrong length.
      if (length >= 20 && (bytes[length - 1]! & 1) === 0) {
        bytes[2] = (length - 20) >>> 8;
        bytes[3] = length - 20;
      }
      if (readStunMessage(bytes, 0, length, layout) !== undefined) {
        return expectThat(layout.length === 0, 'a refused message leaves nothing in the layout');
      }
      expectThat(layout.length === length, 'a message has the length that it says');
      for (const place of [layout.data, layout.realm, layout.nonce, layout.integrity, layout.integritySha256]) {
        if (!place.isPresent) continue;
        expectThat(place.offset >= 24 && place.offset + place.length <= length, 'an attribute lies inside the message');
      }
    },
  },
  {
    name: 'turn client',
    templates: messages,
    read(bytes, length) {
      if (attacks++ % messagesPerClient === 0) scene = createScene();
      const { port, outputs, counters } = scene;
      // Half of the messages answer the request that waits: nobody but an attacker on the path could do that.
      const isInformed = length >= 20 && (bytes[length - 1]! & 2) === 0;
      if (isInformed) bytes.set(scene.transactionId, 8);
      const wasReady = port.client.state === 'ready';
      const dropped = sum(counters);
      const received = scene.received;
      const run = createDatagramRun(bytes, 2);
      pointRunAt(run, 0, length);
      run.sourceAddress = server.address;
      run.sourcePort = server.port;
      port.handleDatagrams(run, now);
      const sent = outputs.takeDatagrams();
      expectThat(sent.length <= 1, 'a message of the server causes one message at most');
      for (const { payload } of sent) scene.transactionId = payload.slice(8, 20);
      expectThat(sum(counters) - dropped + scene.received - received <= 1, 'a message is dropped or delivered once');
      for (const reason of Object.keys(counters.snapshot().drops)) {
        expectThat(Object.hasOwn(dropReasons, reason), 'a reason is one of those that are counted');
      }
      if (isInformed || !wasReady) return;
      expectThat(port.client.state === 'ready', 'nobody beside the path ends an allocation');
    },
  },
];

function createScene(): Scene {
  const outputs = new RecordingOutputs();
  const counters = new Counters();
  const answers: Uint8Array[] = [];
  const fake = new FakeTurnServer(
    { toClient: (payload) => void answers.push(payload), toPeer: () => {} },
    { relayAddress: parseIpv4('8.1.0.2')!, credentials },
  );
  const port = new RelayedPort({
    servers: [{ endpoint: server, transport: 'udp' }],
    credentials,
    permitted: [parseIpv4('8.1.0.3')!],
    policy: new Ipv4Policy({ strictness: 'strict' }),
    random: seededRandom(1),
    counters,
    outputs,
    role: { receive: () => void made.received++, allocated: () => {} },
  });
  const made: Scene = { port, outputs, counters, received: 0, transactionId: new Uint8Array(12) };
  port.start(now);
  converse(made, fake, answers);
  const run = createDatagramRun(new Uint8Array(40));
  pointRunAt(run, 0, 40);
  for (let count = 0; count < 4; count++) {
    port.sendDatagrams(run, peer.address, peer.port);
    converse(made, fake, answers);
  }
  // One request is always open.
  port.client.networkChanged(now);
  made.transactionId = outputs.takeDatagrams()[0]!.payload.slice(8, 20);
  return made;
}

function converse({ port, outputs }: Scene, fake: FakeTurnServer, answers: Uint8Array[]): void {
  for (let sent = outputs.takeDatagrams(); sent.length > 0; sent = outputs.takeDatagrams()) {
    for (const { payload } of sent) fake.receive(payload, client, now);
    for (const answer of answers.splice(0)) {
      const run = createDatagramRun(answer, 2);
      pointRunAt(run, 0, answer.length);
      run.sourceAddress = server.address;
      run.sourcePort = server.port;
      port.handleDatagrams(run, now);
    }
  }
}

function sum(counters: Counters): number {
  return Object.values(counters.snapshot().drops).reduce((total, count) => total + count, 0);
}

/** Messages of every kind that a server sends. */
function conversation(): Uint8Array[] {
  const id = Uint8Array.from({ length: 12 }, (_, index) => index);
  const writer = new StunWriter(1024);
  const done = () => writer.bytes.slice(0, writer.length);
  const allocated = writer.begin(stunMethods.allocate, stunClasses.success, id);
  allocated.xorEndpoint(stunAttributes.xorRelayedAddress, peer.address, peer.port).word(stunAttributes.lifetime, 600);
  const success = allocated.integrity(id, 'sha-1').fingerprint() && done();
  writer.begin(stunMethods.refresh, stunClasses.error, id).error(438, 'Stale Nonce');
  writer.value(stunAttributes.realm, Uint8Array.of(97, 98)).value(stunAttributes.nonce, id);
  const challenge = writer.value(stunAttributes.passwordAlgorithms, Uint8Array.of(0, 2, 0, 0)) && done();
  writer.begin(stunMethods.data, stunClasses.indication, id);
  writer.xorEndpoint(stunAttributes.xorPeerAddress, peer.address, peer.port);
  const indication = writer.value(stunAttributes.data, new Uint8Array(40).fill(0x60)) && done();
  writer.begin(stunMethods.allocate, stunClasses.error, id).error(300, 'Try Alternate');
  const alternate = writer.endpoint(stunAttributes.alternateServer, peer.address, peer.port) && done();
  const channelData = Uint8Array.of(0x40, 0, 0, 40, ...new Uint8Array(40).fill(0x60));
  return [success, challenge, indication, alternate, channelData];
}
