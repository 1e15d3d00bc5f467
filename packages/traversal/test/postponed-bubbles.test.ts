import { describe, expect, it } from 'vitest';
import { noSlot } from '../src/mechanisms/random-ports.ts';
import { mapped, teredoAddress } from './bench.ts';
import { atRandomPort, PortBench } from './port-bench.ts';

const plainThroughServer = '203.0.113.120:3544 from 0 tells 0';

describe('an indirect bubble that is due', () => {
  it('[SPS-05][SPS-06][SPS-07][SPS-08][SPS-15][SPS-16] waits for an echo test of a port that is opened for it', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    expect(bench.keeper.postpones(peer, 1_000)).toBe(true);
    const [first, second] = bench.takeEchoes();
    expect([first?.from, first?.isSecondary, second?.from, second?.isSecondary]).toEqual([2, false, 2, true]);
    expect(first!.nonce).not.toEqual(second!.nonce);
    expect(bench.left()).toEqual(['192.0.2.1:4096 from 2 tells 0']);
    // One test runs at a time (SPS-16).
    expect([bench.keeper.postpones(peer, 1_500), bench.takeEchoes(), bench.left()]).toEqual([true, [], []]);
    expect(bench.keeper.nextDeadline()).toBe(1_500);
  });

  it('[SPS-07] has the test aim at the random port of the peer where it is known', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.ports.setPeerPort(peer, 50_000, 0);
    bench.keeper.postpones(peer, 0);
    expect(bench.left()).toEqual(['192.0.2.1:50000 from 2 tells 0']);
  });

  it('[SPS-09][SPS-10][SPS-16] waits for a second test, and leaves without a port after 3 s', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.keeper.postpones(peer, 0);
    bench.left();
    bench.takeEchoes();
    expect(bench.keepTo(999)).toEqual({ 500: [] });
    expect([bench.keepTo(2_999), bench.takeEchoes().length]).toEqual([{ 1000: ['192.0.2.1:4096 from 2 tells 0'] }, 2]);
    expect([bench.keepTo(3_000), bench.takeEchoes()]).toEqual([{ 3000: [plainThroughServer] }, []]);
    expect(bench.keeper.postpones(peer, 3_000)).toBe(false);
    // Looked for last at 3 s, the port is closed 8 s later.
    expect([bench.keepTo(60_000), bench.closed]).toEqual([{ 11000: [] }, [2]]);
  });

  it('[SPS-11][SPS-12][SPS-13] leaves with the second answer, and tells what was predicted', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.keeper.postpones(peer, 0);
    const [first, second] = bench.takeEchoes();
    bench.left();
    const lower = bench.keeper.findNonce(peer, first!.nonce, 0)!;
    const upper = bench.keeper.findNonce(peer, second!.nonce, 0)!;
    expect([lower.isSecondary, upper.isSecondary]).toEqual([false, true]);
    expect(bench.keeper.findNonce(peer, new Uint8Array(8).fill(1), 0)).toBeUndefined();
    bench.keeper.recordEcho(peer, lower, 1_200, 200);
    expect([bench.left(), bench.keeper.postpones(peer, 200)]).toEqual([[], true]);
    bench.keeper.recordEcho(peer, upper, 1_202, 300);
    expect(bench.left()).toEqual(['203.0.113.120:3544 from 0 tells 1201']);
    expect(bench.keeper.findNonce(peer, first!.nonce, 0)).toBeUndefined();
    // The test is over, the next indirect bubble tells the port as well, and no other test begins.
    expect(bench.keeper.nextDeadline()).toBe(500);
    bench.traversal.sendIndirect(peer, 2_300);
    expect([bench.left(), bench.takeEchoes()]).toEqual([['203.0.113.120:3544 from 0 tells 1201'], []]);
  });

  it('[SPS-12] does not leave for a peer that was reached meanwhile', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.keeper.postpones(peer, 0);
    const [first, second] = bench.takeEchoes();
    bench.prove(peer, { ...atRandomPort, portId: 2 }, true);
    bench.traversal.table.heard(peer, 100);
    bench.left();
    for (const { nonce } of [first!, second!]) {
      bench.keeper.recordEcho(peer, bench.keeper.findNonce(peer, nonce, 0)!, 1_200, 300);
    }
    expect([bench.left(), bench.ports.announced(peer)]).toEqual([[], 1_200]);
  });

  it('[SPS-02][SPS-11] begins its test without the answers to that of another peer in the slot', () => {
    const bench = new PortBench('predicted');
    const peer = bench.insert();
    bench.keeper.postpones(peer, 0);
    const [old] = bench.takeEchoes();
    bench.keeper.recordEcho(peer, bench.keeper.findNonce(peer, old!.nonce, 0)!, 1_200, 100);
    bench.keeper.close(peer);
    const other = bench.insert(teredoAddress(4097));
    bench.keeper.postpones(other, 200);
    expect([bench.ports.slot(other), bench.keeper.nextDeadline()]).toEqual([1, 700]);
    expect(bench.keeper.findNonce(other, old!.nonce, 0)).toBeUndefined();
    const [first, second] = bench.takeEchoes();
    bench.left();
    bench.keeper.recordEcho(other, bench.keeper.findNonce(other, second!.nonce, 0)!, 3_002, 300);
    expect(bench.left()).toEqual([]);
    bench.keeper.recordEcho(other, bench.keeper.findNonce(other, first!.nonce, 0)!, 3_000, 300);
    expect(bench.left()).toEqual(['203.0.113.120:3544 from 0 tells 3001']);
  });

  it('[SPS-05][PP-27] leaves at once where the peer is reached, no port is to be had, or none is predicted', () => {
    const usable = new PortBench('predicted');
    const peer = usable.insert();
    usable.prove(peer, mapped, false);
    usable.traversal.table.heard(peer, 0);
    expect([usable.keeper.postpones(peer, 29_999), usable.ports.slot(peer)]).toEqual([false, noSlot]);
    expect(usable.keeper.postpones(peer, 30_000)).toBe(true);
    for (const use of ['preserved', 'none'] as const) {
      const bench = new PortBench(use);
      const asked = bench.insert();
      expect([bench.keeper.postpones(asked, 0), bench.ports.slot(asked)]).toEqual([false, noSlot]);
    }
    const poor = new PortBench('predicted');
    poor.refusesPorts = true;
    expect([poor.keeper.postpones(poor.insert(), 0), poor.takeEchoes(), poor.left()]).toEqual([false, [], []]);
    const without = new PortBench('preserved', { sequentialPorts: false });
    without.ports.use = 'predicted';
    const plain = without.insert();
    expect(without.keeper.postpones(plain, 0)).toBe(false);
    expect(without.keeper.findNonce(plain, new Uint8Array(8), 0)).toBeUndefined();
  });

  it('[SPS-03] waits for a test of its own', () => {
    const bench = new PortBench('predicted');
    const [one, other] = [bench.insert(), bench.insert(teredoAddress(4097))];
    bench.keeper.postpones(one, 0);
    bench.keeper.postpones(other, 400);
    bench.left();
    const left = bench.keepTo(3_400);
    expect(Object.entries(left).flatMap(([at, sent]) => sent.map((each) => `${at} ${each}`))).toEqual([
      '1000 192.0.2.1:4096 from 2 tells 0',
      '1400 192.0.2.1:4097 from 3 tells 0',
      `3000 ${plainThroughServer}`,
      `3400 ${plainThroughServer}`,
    ]);
  });
});
