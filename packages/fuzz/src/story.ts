import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import {
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type Engine,
  type EngineLife,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
} from '@navalis/engine';
import type { Sent } from './cast.ts';
import type { Dice } from './dice.ts';
import { expectThat } from './finding.ts';
import { appendTrailers } from './input/hostile-trailers.ts';
import { mutate } from './input/mutate.ts';
import type { WatchedOutputs } from './watched-outputs.ts';
import type { Witness } from './witness.ts';

/** The input of an engine, and the properties that its output must have. */
export interface Story {
  readonly engine: Engine & EngineLife;
  readonly outputs: WatchedOutputs;
  readonly endpoints: readonly Ipv4Endpoint[];
  readonly datagrams: readonly Uint8Array[];
  /** Well-formed bubbles, which get hostile trailers; none for a server. */
  readonly bubbles: readonly Sent[];
  /** Answers that the engine asked for, as they come in. */
  readonly answers: readonly Sent[];
  /** Packets from the host; none for a server. */
  readonly packets: readonly Uint8Array[];
  /** Peers that may be known at once. */
  readonly peerBound: number;
  /** Datagrams that one input, or one deadline, may cause: what waits for a peer, and bubbles to it. */
  readonly datagramsPerStep: number;
  /** Octets on the wire that one datagram may cause for each of its own, while nothing waits. */
  readonly amplification: number;
  readonly witness: Witness;
  /** The address of the NAT in front, from within which private addresses may be sent to; undefined without one. */
  readonly natAddress: Ipv4Value | undefined;
  /** Takes what is sent, for a server that answers. */
  readonly hear: (sent: PacketRun, address: Ipv4Value) => void;
  /** Judges a packet that an engine delivers, given the datagram that came before. */
  readonly judgeDelivery: (delivered: PacketRun, cause: DatagramRun | undefined) => void;
}

const longestStepMs = 12_000;
/**
 * Five straight, to the embedded endpoint and to each alternate (HP-16), one to the peer's random port (PP-11, PP-13), and one
 * through its server (SNS-11).
 */
const bubblesPerInput = 7;
const memory = new Uint8Array(8192);
const packetRun: PacketRun = createPacketRun(memory);
const datagramRun: DatagramRun = createDatagramRun(memory);

/** Runs some random steps: datagrams, packets of the host, time. Throws a finding. */
export function live(story: Story, dice: Dice, steps: number, from: Milliseconds): void {
  const { engine, outputs } = story;
  let now = from;
  outputs.judgeDatagram = (sent, address) => {
    story.witness.judgeDestination(sent, address, story.natAddress);
    story.hear(sent, address);
  };
  for (let step = 0; step < steps; step++) {
    const kind = dice.below(10);
    const before = dropsOf(engine);
    outputs.reset();
    if (kind < 6) receive(story, dice, now);
    else if (kind < 8 && story.packets.length > 0) take(story, dice, now);
    else now = pass(story, now, dice.once(3) ? dice.below(longestStepMs) : dice.below(100));
    const { peers } = engine.status();
    expectThat(peers <= story.peerBound, `at most ${story.peerBound} peers are known (${peers})`);
    expectThat(dropsOf(engine) >= before, 'counters go up only');
  }
  engine.stop(now);
  expectThat(engine.nextDeadline() === Number.POSITIVE_INFINITY, 'a stopped engine waits for nothing');
}

function receive(story: Story, dice: Dice, now: Milliseconds): void {
  const { engine, outputs } = story;
  const { length, from } = arriving(story, dice);
  pointRunAt(datagramRun, 0, length);
  datagramRun.sourceAddress = from.address;
  datagramRun.sourcePort = dice.once(8) ? dice.below(65_536) : from.port;
  datagramRun.portId = dice.pick(outputs.ports);
  const { counters } = engine.status();
  outputs.judgeDelivery = (delivered) => story.judgeDelivery(delivered, datagramRun);
  story.witness.sees(datagramRun);
  engine.handleDatagrams(datagramRun, now);
  const after = engine.status().counters;
  expectThat(after.datagramsReceived === counters.datagramsReceived + 1, 'each datagram is counted once');
  expectThat(
    sum(after.drops) <= sum(counters.drops) + 1 + story.datagramsPerStep,
    'a datagram is dropped once at most',
  );
  expectThat(
    outputs.datagrams <= story.datagramsPerStep,
    `at most ${story.datagramsPerStep} datagrams follow one input`,
  );
  expectThat(outputs.bubbles <= bubblesPerInput, `at most ${bubblesPerInput} bubbles follow one (${outputs.bubbles})`);
  const most = story.amplification * (length + 28) + waitingOctets(story);
  expectThat(outputs.datagramOctets <= most, `${length + 28} octets cause at most ${most} (${outputs.datagramOctets})`);
}

/** Writes a datagram: a mutation, a bubble with trailers, or an answer, some of them from another host. */
function arriving({ datagrams, bubbles, answers, endpoints, outputs }: Story, dice: Dice): Arrival {
  const stranger = (): Ipv4Endpoint => dice.pick(endpoints);
  const among = bubbles.length === 0 ? [] : dice.once(8) ? answers : dice.once(2) ? bubbles : [];
  if (among.length === 0) return { length: mutate(dice, datagrams, memory), from: stranger() };
  const { payload, from } = dice.pick(among);
  memory.set(payload);
  const nonces = outputs.nonces.map(({ nonce }) => nonce);
  const length = among === bubbles ? appendTrailers(dice, memory, payload.length, nonces) : payload.length;
  return { length, from: dice.once(3) ? stranger() : from };
}

interface Arrival {
  readonly length: number;
  readonly from: Ipv4Endpoint;
}

function take(story: Story, dice: Dice, now: Milliseconds): void {
  const { engine, outputs } = story;
  pointRunAt(packetRun, 0, mutate(dice, story.packets, memory));
  outputs.judgeDelivery = (delivered) => story.judgeDelivery(delivered, undefined);
  engine.handlePackets(packetRun, now);
  expectThat(
    outputs.datagrams <= story.datagramsPerStep,
    `at most ${story.datagramsPerStep} datagrams follow one packet`,
  );
}

/** Time goes on; every deadline on the way is kept. */
function pass(story: Story, now: Milliseconds, ms: Milliseconds): Milliseconds {
  const { engine, outputs, datagramsPerStep, peerBound } = story;
  outputs.judgeDelivery = (delivered) => story.judgeDelivery(delivered, undefined);
  const until = now + ms;
  for (let turns = 0; engine.nextDeadline() <= until; turns++) {
    const at = Math.max(engine.nextDeadline(), now);
    outputs.reset();
    engine.handleDeadline(at);
    expectThat(engine.nextDeadline() > at, `a deadline that was handled is over (${engine.deadlineReason()})`);
    expectThat(
      outputs.datagrams <= datagramsPerStep * (peerBound + 1),
      'a deadline causes a few datagrams for each peer',
    );
    expectThat(turns < 10_000, 'deadlines are not nearer than a millisecond for long');
  }
  return until;
}

/** Returns the octets that may wait for a peer: they leave when it is heard, and are the host's own, not caused by the datagram. */
function waitingOctets({ packets, datagramsPerStep }: Story): number {
  return packets.length === 0 ? 0 : datagramsPerStep * 1400;
}

function dropsOf(engine: Engine & EngineLife): number {
  return sum(engine.status().counters.drops);
}

function sum(drops: Readonly<Record<string, number | undefined>>): number {
  return Object.values(drops).reduce<number>((total, count) => total + (count ?? 0), 0);
}
