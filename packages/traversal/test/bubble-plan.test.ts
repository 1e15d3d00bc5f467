import { ipv6EqualsAt } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { BubblePlan } from '../src/bubble-plan.ts';
import { noExtensions, type PeerIndex } from '../src/index.ts';
import { Bench, elsewhere, mapped, onLink, teredo, teredoAddress } from './bench.ts';
import { alternatesOf } from './peers.ts';
import { atRandomPort, PortBench } from './port-bench.ts';

const embedded = (from: number, tells: number) => `192.0.2.1:4096 from ${from} tells ${tells}`;
const throughServer = (tells: number) => `203.0.113.120:3544 from 0 tells ${tells}`;
const none = -1;

/** The plan of a bench, with one peer. */
function planOf<B extends Bench>(bench: B): { readonly bench: B; readonly plan: BubblePlan; readonly peer: PeerIndex } {
  const { table, paths, bubbles, mechanisms } = bench.traversal;
  return { bench, plan: new BubblePlan({ role: bench, table, paths, bubbles, mechanisms }), peer: bench.insert() };
}

describe('direct bubbles', () => {
  it('[PP-31] leave the random port from the second burst on, for a peer that tells none', () => {
    for (const { burst, unmarked, sent } of [
      { burst: 1, unmarked: 1, sent: [embedded(0, 0)] },
      { burst: 2, unmarked: 0, sent: [embedded(0, 0)] },
      { burst: 2, unmarked: 1, sent: [embedded(0, 0), embedded(2, 40_002)] },
    ]) {
      const { bench, plan, peer } = planOf(new PortBench('preserved'));
      bench.ports.open(peer, 0);
      for (let bubble = 0; bubble < unmarked; bubble++) bench.ports.recordUnmarked(peer);
      plan.sendDirect(peer, burst, none, 0);
      expect(bench.left()).toEqual(sent);
    }
  });

  it('[PP-10][PP-11][PP-12] go to the random port of the peer as well, from one that is opened where its number is known', () => {
    for (const { use, sent } of [
      { use: 'preserved', sent: [embedded(0, 0), '192.0.2.1:50000 from 2 tells 40002'] },
      { use: 'predicted', sent: [embedded(0, 0)] },
      { use: 'none', sent: [embedded(0, 0), '192.0.2.1:50000 from 0 tells 0'] },
    ] as const) {
      const { bench, plan, peer } = planOf(new PortBench(use));
      bench.ports.setPeerPort(peer, 50_000, 0);
      plan.sendDirect(peer, 1, none, 0);
      expect(bench.left()).toEqual(sent);
    }
    const { bench, plan, peer } = planOf(new PortBench('predicted'));
    bench.ports.setPeerPort(peer, 50_000, 0);
    bench.ports.open(peer, 0);
    bench.ports.predict(1, 1_201);
    plan.sendToPeerPort(peer, 0);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 2 tells 1201']);
  });

  it('[PP-13] go to no random port of a peer that is reached, and never to the own endpoint', () => {
    const { bench, plan, peer } = planOf(new PortBench('none'));
    plan.sendToPeerPort(peer, 0);
    const preserving = planOf(new PortBench('preserved'));
    preserving.plan.sendToPeerPort(preserving.peer, 0);
    expect([preserving.bench.left(), preserving.bench.ports.openCount]).toEqual([[], 0]);
    bench.ports.setPeerPort(peer, 50_000, 0);
    bench.ownEndpoint = atRandomPort;
    plan.sendToPeerPort(peer, 0);
    expect(bench.left()).toEqual([]);
    bench.ownEndpoint = { ...atRandomPort, port: 50_001 };
    plan.sendToPeerPort(peer, 0);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 0 tells 0']);
    bench.prove(peer, mapped, false);
    bench.traversal.table.heard(peer, 0);
    plan.sendToPeerPort(peer, 29_999);
    expect(bench.left()).toEqual([]);
    plan.sendToPeerPort(peer, 30_000);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 0 tells 0']);
  });

  it('[PP-31] leave no random port of a peer that tells one or is reached, and end the wait for one', () => {
    const { bench, plan, peer } = planOf(new PortBench('preserved'));
    plan.sendFromRandomPort(peer, 0);
    bench.ports.open(peer, 0);
    bench.ports.setPeerPort(peer, 50_000, 0);
    plan.sendFromRandomPort(peer, 0);
    bench.ports.forgetPeerPort(peer);
    bench.prove(peer, mapped, false);
    bench.traversal.table.heard(peer, 0);
    plan.sendFromRandomPort(peer, 29_999);
    expect([bench.left(), bench.ports.retriesAt(1)]).toEqual([[], 500]);
    plan.sendFromRandomPort(peer, 30_000);
    expect([bench.left(), bench.ports.retriesAt(1)]).toEqual([[embedded(2, 40_002)], Number.POSITIVE_INFINITY]);
  });

  it('[PP-01][SPS-01] leave no random port where the extension is off, nor do echo tests', () => {
    const { bench, plan, peer } = planOf(new Bench());
    plan.sendToPeerPort(peer, 0);
    plan.sendFromRandomPort(peer, 0);
    plan.sendEchoTest(peer, 1);
    plan.sendDirect(peer, 2, none, 0);
    plan.sendAnswer(peer, none, 0);
    expect(bench.sent()).toEqual(['192.0.2.1:4096', '192.0.2.1:4096']);
  });

  it('[PP-25] go where a peer is that was reached at the random port, while it was heard there in the last 30 s', () => {
    const { bench, plan } = planOf(new PortBench('preserved'));
    const peer = bench.meetAtRandomPort(0);
    plan.sendDirect(peer, 1, none, 29_999);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 2 tells 40002']);
    plan.sendDirect(peer, 1, none, 30_000);
    expect(bench.left()).toEqual([embedded(0, 0)]);
    const before = bench.counters.snapshot().bubblesSent;
    plan.refresh(peer);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 2 tells 40002']);
    expect(bench.counters.snapshot().bubblesSent).toBe(before + 1);
  });

  it('[PP-25] go there from the random port, too, where that is the endpoint that the address embeds', () => {
    const { bench, plan, peer } = planOf(new PortBench('preserved'));
    bench.ports.open(peer, 0);
    bench.prove(peer, { ...mapped, portId: 2 }, false);
    bench.traversal.table.heard(peer, 0);
    plan.sendDirect(peer, 1, none, 100);
    expect(bench.left()).toEqual([embedded(2, 40_002)]);
  });

  it('[TU-24][SNS-18] leave the plain port first, for a peer that sent no nonce yet', () => {
    const made = () => planOf(new Bench({ extensions: { ...noExtensions, symmetricNatSupport: true } }));
    const { bench, plan, peer } = made();
    const ports = () => bench.outputs.takeDatagrams().map(({ port, portId }) => [port, portId]);
    Object.assign(bench, { plainPort: 5 });
    plan.sendDirect(peer, 1, none, 0);
    expect(ipv6EqualsAt(bench.outputs.datagrams[0]!.payload, 24, teredo)).toBe(true);
    expect(ports()).toEqual([
      [4096, 5],
      [4096, 0],
    ]);
    bench.traversal.mechanisms.recordNonce(peer, 7, true, 0);
    plan.sendDirect(peer, 1, none, 0);
    expect(ports()).toEqual([[4096, 0]]);
    const off = planOf(new Bench({ extensions: { ...noExtensions, hairpinning: true } }));
    Object.assign(off.bench, { plainPort: 5 });
    off.plan.sendDirect(off.peer, 1, none, 0);
    expect(off.bench.outputs.takeDatagrams().map(({ portId }) => portId)).toEqual([0]);
    const relayed = made();
    relayed.plan.sendDirect(relayed.peer, 1, none, 0);
    expect(relayed.bench.outputs.takeDatagrams().map(({ portId }) => portId)).toEqual([0]);
  });

  it('[PP-11] tell no random port from the service port, nor from that of another peer', () => {
    const { bench, plan, peer } = planOf(new PortBench('preserved'));
    bench.ports.open(peer, 0);
    bench.ports.open(bench.insert(teredoAddress(4097)), 0);
    plan.sendTo(peer, bench.traversal.table.address(peer), elsewhere.address, elsewhere.port);
    bench.traversal.table.trust(peer, elsewhere.address, elsewhere.port, 3);
    plan.refresh(peer);
    expect(bench.left()).toEqual(['198.51.100.7:77 from 0 tells 0', '198.51.100.7:77 from 3 tells 0']);
  });
});

describe('an indirect bubble', () => {
  it('[PP-09] tells the random port that is opened for it where the NAT keeps its number', () => {
    for (const { use, tells, opened } of [
      { use: 'preserved', tells: 40_002, opened: 1 },
      { use: 'predicted', tells: 0, opened: 0 },
      { use: 'none', tells: 0, opened: 0 },
    ] as const) {
      const { bench, plan, peer } = planOf(new PortBench(use));
      plan.sendIndirect(peer, 1_000);
      expect([bench.left(), bench.ports.openCount]).toEqual([[throughServer(tells)], opened]);
    }
  });

  it('[PP-09][PP-27] opens none for a peer that is reached; the one that is open looks for the peer 8 s longer', () => {
    const { bench, plan, peer } = planOf(new PortBench('preserved'));
    bench.prove(peer, mapped, false);
    bench.traversal.table.heard(peer, 0);
    plan.sendIndirect(peer, 29_999);
    expect([bench.left(), bench.ports.openCount]).toEqual([[throughServer(0)], 0]);
    plan.sendIndirect(peer, 30_000);
    plan.sendIndirect(peer, 33_000);
    expect([bench.left().length, bench.ports.expiresAt(1)]).toEqual([2, 41_000]);
  });
});

describe('the answer to an indirect bubble', () => {
  it('[PP-11][PP-31] goes to the random port of the peer, or from the own one when the peer told none twice', () => {
    const { bench, plan, peer } = planOf(new PortBench('preserved'));
    bench.ports.open(peer, 0);
    bench.ports.recordUnmarked(peer);
    plan.sendAnswer(peer, none, 0);
    expect(bench.left()).toEqual([embedded(0, 0)]);
    bench.ports.recordUnmarked(peer);
    plan.sendAnswer(peer, none, 0);
    expect(bench.left()).toEqual([embedded(0, 0), embedded(2, 40_002)]);
    bench.ports.setPeerPort(peer, 50_000, 0);
    plan.sendAnswer(peer, none, 0);
    expect(bench.left()).toEqual([embedded(0, 0), '192.0.2.1:50000 from 2 tells 40002']);
  });

  it('[PP-13] goes to no random port of the peer from a host that needs none: its keeper sends that', () => {
    const { bench, plan, peer } = planOf(new PortBench('none'));
    bench.ports.setPeerPort(peer, 50_000, 0);
    plan.sendAnswer(peer, none, 0);
    expect(bench.left()).toEqual([embedded(0, 0)]);
  });

  it('[HP-17] goes to no alternate endpoint where the role has no say in that', () => {
    const { bench, plan, peer } = planOf(new Bench({ extensions: { ...noExtensions, hairpinning: true } }));
    bench.traversal.mechanisms.recordAlternates(peer, alternatesOf(onLink));
    plan.sendAnswer(peer, none, 0);
    expect(bench.sent()).toEqual(['192.0.2.1:4096']);
  });
});

describe('an echo test', () => {
  it('[SPS-06][SPS-07] is of no use without a port, and for a role that solicits no server', () => {
    const { bench, plan, peer } = planOf(new PortBench('predicted'));
    plan.sendEchoTest(peer, 1);
    expect([bench.takeEchoes(), bench.left()]).toEqual([[], []]);
    const { table, paths, bubbles, mechanisms } = bench.traversal;
    bench.ports.open(peer, 0);
    new BubblePlan({ role: new Bench(), table, paths, bubbles, mechanisms }).sendEchoTest(peer, 1);
    expect([bench.takeEchoes(), bench.left()]).toEqual([[], [embedded(2, 0)]]);
    const off = planOf(new PortBench('predicted', { sequentialPorts: false }));
    off.bench.ports.open(off.peer, 0);
    off.plan.sendEchoTest(off.peer, 1);
    expect([off.bench.takeEchoes(), off.bench.left()]).toEqual([[], []]);
  });
});
