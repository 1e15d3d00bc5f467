import { describe, expect, it } from 'vitest';
import { asking, SeenElsewhere } from './asking-bench.ts';
import { Bench, direct, indirect } from './bench.ts';
import { PortBench } from './port-bench.ts';

describe('the question to a peer that is heard', () => {
  it('[SNS-20] goes straight to a peer whose nonce is fresh', () => {
    const bench = new SeenElsewhere({ extensions: asking });
    const peer = bench.find(0);
    expect([bench.traversal.confirm(peer, 1_000), bench.asked()]).toEqual([true, [`198.51.100.7:77?`]]);
    expect(bench.traversal.mechanisms.solicitations!.count(peer)).toBe(1);
  });

  it('[SNS-20][SNS-15] is a burst where its nonce is none or too old, since the peer must send another one', () => {
    for (const nonceAt of [undefined, -30_000]) {
      const bench = new SeenElsewhere({ extensions: asking });
      const peer = bench.find(nonceAt);
      expect(bench.traversal.confirm(peer, 0)).toBe(true);
      expect(bench.asked()).toHaveLength(2);
      expect(bench.traversal.mechanisms.solicitations!.count(peer)).toBe(1);
      expect([bench.traversal.isRunning(peer), bench.traversal.mayBubble(peer, 1_999)]).toEqual([true, false]);
    }
  });

  it('[SNS-20][CL-B-07] goes straight where the limits forbid a burst', () => {
    const bench = new SeenElsewhere({ extensions: asking });
    const peer = bench.find(undefined);
    bench.traversal.table.sent(peer, 0);
    expect([bench.traversal.confirm(peer, 1_999), bench.asked()]).toEqual([true, [`198.51.100.7:77?`]]);
  });

  it('[UPNP-14] goes straight to a peer that sees this host where its address says, with a nonce or without', () => {
    for (const role of [new SeenElsewhere({ extensions: asking }), new Bench({ extensions: asking })]) {
      if (role instanceof SeenElsewhere) role.seenElsewhere = false;
      const { traversal } = role;
      traversal.prefersEmbedded = true;
      const peer = role.meet(0);
      role.sent();
      expect(traversal.verify(peer, 0)).toBe(true);
      expect(role.sent()).toEqual(['198.51.100.7:77']);
      expect(role.runTo(2_000)).toEqual({ 2000: ['198.51.100.7:77'] });
      expect(traversal.mayBubble(peer, 4_000)).toBe(true);
    }
  });
});

describe('a burst', () => {
  it('[PP-15] goes on to aim at the random port that the peer told up to 8 s before the attempt', () => {
    const bench = new PortBench('none');
    const early = bench.insert();
    bench.ports.setPeerPort(early, 50_000, 1_001);
    for (const now of [9_000, 11_000]) {
      bench.traversal.burst(early, now);
      expect(bench.left()).toContain('192.0.2.1:50000 from 0 tells 0');
    }
    const other = new PortBench('none');
    const peer = other.insert();
    other.ports.setPeerPort(peer, 50_000, 1_000);
    other.traversal.burst(peer, 9_000);
    expect(other.left()).toEqual([`${direct} from 0 tells 0`, `${indirect} from 0 tells 0`]);
  });

  it('[SPS-05][SPS-20] is a bubble from the service port, and an echo test, after which the indirect one leaves', () => {
    const bench = new PortBench('predicted');
    bench.traversal.burst(bench.insert(), 0);
    expect(bench.left()).toEqual([`${direct} from 0 tells 0`, `${direct} from 2 tells 0`]);
    expect(bench.takeEchoes()).toHaveLength(2);
  });

  it('[SLR-05] asks no more after three solicitations that nobody answered', () => {
    const bench = new SeenElsewhere({ extensions: asking });
    const peer = bench.find(undefined);
    expect([bench.traversal.solicit(peer, 30_000), bench.asked()]).toEqual([true, ['198.51.100.7:77?']]);
    const asked = bench.askTo(38_000);
    expect(Object.values(asked).map((sent) => sent.filter((each) => each.endsWith('?')).length)).toEqual([1, 1, 0, 0]);
    expect(asked[36_000]).toEqual([direct, indirect]);
  });

  it('asks from its second one on, where peers are asked', () => {
    const bench = new SeenElsewhere({ extensions: asking });
    const peer = bench.insert();
    bench.traversal.burst(peer, 0);
    expect(bench.asked()).toEqual([direct, indirect]);
    bench.traversal.handleDeadline(2_000);
    expect(bench.asked()).toEqual([`${direct}?`, indirect]);
  });
});
