import { type Ipv6Value, parseIpv4, parseIpv6 } from '@navalis/address';
import {
  Counters,
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type EngineStatus,
  type PacketRun,
  pointRunAt,
} from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { writeBubble, writeEchoReplyInPlace, writeEchoRequest } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { explained } from '../../src/peers/packet-text.ts';
import type { WatchEvent, WatchRequest } from '../../src/peers/peer-watch.ts';
import { WatchedEngine } from '../../src/peers/watched-engine.ts';

const peer = parseIpv6('2001:0:808:808:0:63bf:f7f7:f7f6')!;
const other = parseIpv6('2001:0:808:808:0:63bf:f7f7:f7f5')!;
const own = parseIpv6('2001:0:808:808:0:63be:f7f7:f7f7')!;
const native = parseIpv6('2606:4700::1111')!;
const mapped = parseIpv4('8.8.8.9')!;
const server = parseIpv4('8.8.8.8')!;

/** An engine that does what the test says with each input. */
class Puppet {
  readonly counters = new Counters();
  onDatagrams: (run: DatagramRun) => void = () => undefined;
  onPackets: (run: PacketRun) => void = () => undefined;
  handled = 0;
  start(): void {}
  stop(): void {}
  handleDatagrams(run: DatagramRun): void {
    this.handled += 1;
    this.onDatagrams(run);
  }
  handlePackets(run: PacketRun): void {
    this.handled += 1;
    this.onPackets(run);
  }
  handleDeadline(): void {}
  nextDeadline(): number {
    return Number.POSITIVE_INFINITY;
  }
  deadlineReason(): undefined {}
  status(): EngineStatus {
    return { role: 'relay', state: 'running', since: 0, peers: 0, counters: this.counters.snapshot() };
  }
}

function watching(request: Partial<WatchRequest> = {}) {
  const puppet = new Puppet();
  let now = 0;
  const engine = new WatchedEngine(puppet, seededRandom(3), () => now);
  const events: WatchEvent[] = [];
  engine.watch(1, { peer, ...request }, (event) => void events.push(explained(event)));
  return {
    puppet,
    engine,
    events,
    at: (time: number) => {
      now = time;
    },
  };
}

function bubbleFrom(source: Ipv6Value, address = mapped): DatagramRun {
  const run = createDatagramRun(new Uint8Array(40));
  pointRunAt(run, 0, writeBubble(run.memory, 0, source, own));
  return Object.assign(run, { sourceAddress: address, sourcePort: 40_000 });
}

function packetTo(destination: Ipv6Value): PacketRun {
  const run = createPacketRun(new Uint8Array(100));
  const fields = { source: own, destination, identifier: 1, sequence: 1, hopLimit: 64, data: new Uint8Array(4) };
  pointRunAt(run, 0, writeEchoRequest(run.memory, 0, fields));
  return run;
}

describe('a watched engine', () => {
  it('tells each decision on packets of the peer, and none on others', () => {
    const { puppet, engine, events } = watching();
    expect(events).toEqual([{ kind: 'state', state: 'unknown' }]);
    events.splice(0);
    engine.handleDatagrams(bubbleFrom(other, server), 1);
    engine.handlePackets(packetTo(other), 1);
    expect([events, puppet.handled]).toEqual([[], 2]);
    puppet.onDatagrams = () => puppet.counters.drop('endpoint-mismatch');
    engine.handleDatagrams(bubbleFrom(peer, server), 2);
    const from = { address: '8.8.8.8', port: 40_000 };
    const bubble = { packet: 'bubble', count: 1, octets: 40 };
    expect(events.splice(0)).toEqual([
      { kind: 'received', from, ...bubble, verdict: 'dropped', reason: 'endpoint-mismatch' },
    ]);
    puppet.onDatagrams = () => void engine.delivers(packetTo(own));
    engine.handleDatagrams(bubbleFrom(peer), 3);
    puppet.onDatagrams = () => undefined;
    engine.handleDatagrams(bubbleFrom(peer), 3);
    expect(events.splice(0)).toMatchObject([{ verdict: 'delivered' }, { verdict: 'accepted' }]);
    const malformed = bubbleFrom(other);
    malformed.memory[5] = 9;
    engine.handleDatagrams(malformed, 4);
    expect(events.splice(0)).toMatchObject([{ kind: 'received', packet: 'malformed (ipv6-length-exceeds-datagram)' }]);
  });

  it('tells what leaves for the peer, and which way', () => {
    const { puppet, engine, events } = watching();
    events.splice(0);
    engine.handlePackets(packetTo(peer), 1);
    expect(events.splice(0)).toMatchObject([{ kind: 'taken', packet: 'echo request', verdict: 'queued' }]);
    puppet.onPackets = (run) => engine.sent(run, mapped, 40_000);
    engine.handlePackets(packetTo(peer), 2);
    expect(events.splice(0)).toMatchObject([
      { kind: 'sent', to: { address: '8.8.8.9', port: 40_000 }, route: 'direct' },
      { kind: 'taken', verdict: 'sent' },
    ]);
    engine.sent(packetTo(peer), server, 3544);
    engine.sent(packetTo(peer), server, 1);
    engine.sent(packetTo(other), server, 3544);
    expect(events).toMatchObject([{ route: 'server' }, { route: 'elsewhere' }]);
  });

  it('tells a relay at port 3544 from the server of this client', () => {
    const { puppet, engine, events } = watching({ peer: native });
    events.splice(0);
    const send = (address: number, port: number) => engine.sent(packetTo(native), address, port);
    send(mapped, 3544);
    const { counters } = puppet;
    puppet.status = () => ({ ...new Puppet().status(), role: 'client', state: 'qualified', server, counters }) as never;
    send(server, 3544);
    send(mapped, 3544);
    send(server, 40_000);
    const routes = events.map((event) => 'route' in event && event.route);
    expect(routes).toEqual(['relay', 'own-server', 'relay', 'relay']);
  });

  it('tells what a TURN server brings, with the endpoint of the peer', () => {
    const { puppet, engine, events } = watching();
    events.splice(0);
    const bubble = bubbleFrom(peer);
    const framed = createDatagramRun(Uint8Array.of(0x40, 0, 0, 40, ...bubble.memory));
    pointRunAt(framed, 0, 44);
    const arrival = Object.assign(framed, { sourceAddress: parseIpv4('8.8.8.7')!, sourcePort: 3478 });
    puppet.onDatagrams = () => engine.receives(bubble, 1, { receive: () => void engine.delivers(packetTo(own)) });
    engine.handleDatagrams(arrival, 1);
    const received = { kind: 'received', from: { address: '8.8.8.9', port: 40_000 }, packet: 'bubble' };
    expect(events.splice(0)).toMatchObject([{ ...received, count: 1, octets: 40, verdict: 'delivered' }]);
    puppet.onDatagrams = () => engine.receives(bubble, 2, { receive: () => puppet.counters.drop('endpoint-mismatch') });
    engine.handleDatagrams(arrival, 2);
    expect(events.splice(0)).toMatchObject([{ ...received, verdict: 'dropped', reason: 'endpoint-mismatch' }]);
  });

  it('pings, and keeps the replies from the host', () => {
    const { puppet, engine, events, at } = watching({ ping: { source: own, count: 2 } });
    const sent: PacketRun[] = [];
    puppet.onPackets = (run) => void sent.push({ ...run, memory: run.memory.slice() });
    const reply = (request: PacketRun): boolean => {
      writeEchoReplyInPlace(request.memory, request.offset, peer);
      return engine.delivers(request);
    };
    engine.handleDeadline(0);
    at(25);
    expect(reply(sent[0]!)).toBe(true);
    expect(engine.nextDeadline()).toBe(1000);
    engine.handleDeadline(1000);
    engine.handleDeadline(11_000);
    expect(sent).toHaveLength(2);
    expect(events.filter(({ kind }) => kind !== 'taken' && kind !== 'state')).toEqual([
      { kind: 'request', sequence: 1 },
      { kind: 'reply', sequence: 1, roundTripMs: 25 },
      { kind: 'request', sequence: 2 },
      { kind: 'no-reply', sequence: 2 },
      { kind: 'done' },
    ]);
    expect(engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    // A reply to the host's own ping goes to the host.
    const foreign = packetTo(peer);
    expect(reply(foreign)).toBe(false);
  });

  it('gives up a request at once that the engine drops', () => {
    const { puppet, engine, events } = watching({ ping: { source: own, count: 1 } });
    puppet.onPackets = () => puppet.counters.drop('embedded-not-global');
    engine.handleDeadline(0);
    expect(events.slice(1)).toMatchObject([
      { kind: 'request' },
      { kind: 'taken', verdict: 'dropped', reason: 'embedded-not-global' },
      { kind: 'no-reply', sequence: 1, reason: 'embedded-not-global' },
      { kind: 'done' },
    ]);
  });

  it('counts what is too much to tell', () => {
    const { engine, events } = watching();
    events.splice(0);
    for (let packet = 0; packet < 250; packet++) engine.handlePackets(packetTo(peer), 10);
    expect(events).toHaveLength(200);
    engine.handlePackets(packetTo(peer), 1010);
    expect(events[200]).toEqual({ kind: 'left-out', count: 50 });
  });

  it('watches a bounded number of peers, until each watch ends', () => {
    const { engine } = watching();
    for (let id = 2; id <= 8; id++) expect(engine.watch(id, { peer }, () => undefined)).toBe(true);
    expect(engine.watch(9, { peer }, () => undefined)).toBe(false);
    for (let id = 1; id <= 8; id++) engine.unwatch(id);
    expect(engine.isWatching).toBe(false);
  });
});
