import { createPacketRun } from '@navalis/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointRunAtBundle } from '../../src/offload/bundle-run.ts';
import { packetLengthAt } from '../../src/run-packets.ts';
import { anyDatagram, changed, datagramOctets, framed, framedKinds, kinds, shareRun, tcp } from './datagrams.ts';
import { tcpPacket } from './packets.ts';
import { testArena } from './test-arena.ts';

const { arena, loops, put, rewind } = testArena(2 ** 17, 2 ** 16);

/** Cuts a bundle of datagrams of one length, the last of which may be shorter; returns the datagrams of each run. */
function cut(datagrams: readonly Uint8Array[]): Uint8Array[][] {
  const segmentOctets = datagrams[0]!.length;
  const bundle = Uint8Array.from(datagrams.flatMap((each) => [...each]));
  rewind();
  const { bytes } = arena;
  bytes.fill(0xee);
  // Unaligned, as all but the first datagram of a bundle are.
  const before = put(Uint8Array.from([0xee, 0xee, ...bundle])) + 2;
  const run = createPacketRun(bytes);
  const runs: Uint8Array[][] = [];
  let offset = before;
  while (offset < before + bundle.length) {
    const left = before + bundle.length - offset;
    run.count = loops.leadingRun(offset, left, segmentOctets);
    offset += pointRunAtBundle(run, offset, left, segmentOctets);
    expect(run.count === 1 ? run.headerStride : run.packetLength).toBe(run.count === 1 ? 0 : run.headerStride);
    runs.push(
      Array.from({ length: run.count }, (_, index) => {
        const at = run.offset + index * run.headerStride;
        return bytes.slice(at, at + packetLengthAt(run, index));
      }),
    );
  }
  return runs;
}

/** The runs of a bundle by a simple reference implementation. */
function slowRuns(datagrams: readonly Uint8Array[]): Uint8Array[][] {
  const runs: Uint8Array[][] = [];
  for (const datagram of datagrams) {
    const run = runs.at(-1);
    if (run?.every((other) => shareRun(other, datagram))) run.push(datagram);
    else runs.push([datagram]);
  }
  return runs;
}

describe('runs of a bundle', () => {
  it.each(Object.keys(kinds))('%s in the middle stands alone, and those around it do not cover it', (name) => {
    const middle = kinds[name]!();
    expect(cut([tcp(0), tcp(0), middle, tcp(0), tcp(0)])).toEqual([[tcp(0), tcp(0)], [middle], [tcp(0), tcp(0)]]);
    expect(cut([middle, tcp(0), tcp(0)])).toEqual([[middle], [tcp(0), tcp(0)]]);
    expect(cut([tcp(0), tcp(0), middle])).toEqual([[tcp(0), tcp(0)], [middle]]);
  });

  it.each(Object.keys(framedKinds))('[TU-08] %s stands alone among ChannelData', (name) => {
    const [one, middle] = [framed(0), framedKinds[name]!()];
    expect(cut([one, one, middle, one])).toEqual([[one, one], [middle], [one]]);
    expect(cut([middle, one, one])).toEqual([[middle], [one, one]]);
  });

  it('[TU-08] shorter ChannelData is the last of its run', () => {
    const [one, last] = [framed(0), framed(0, 0x4001, datagramOctets - 20)];
    expect(cut([one, one, last])).toEqual([[one, one, last]]);
    const cutOff = last.slice(0, last.length - 1);
    expect(cut([one, one, cutOff])).toEqual([[one, one], [cutOff]]);
    for (const octets of [1, 3, 4, 5]) {
      const start = one.slice(0, octets);
      expect(cut([one, one, start])).toEqual([[one, one], [start]]);
    }
  });

  it('a shorter last packet belongs to its run, and its length counts', () => {
    const last = tcpPacket({ sequence: 9 }, new Uint8Array(5));
    expect(cut([tcp(0), tcp(0), last])).toEqual([[tcp(0), tcp(0), last]]);
    const cutOff = last.slice(0, last.length - 1);
    expect(cut([tcp(0), tcp(0), cutOff])).toEqual([[tcp(0), tcp(0)], [cutOff]]);
    expect(cut([tcp(0), tcp(0), last.slice(0, 30)])).toEqual([[tcp(0), tcp(0)], [last.slice(0, 30)]]);
  });

  it('bubbles never share a run', () => {
    const bubble = changed(changed(tcp(0), 6, 59), 5, 0).slice(0, 40);
    expect(cut([bubble, bubble, bubble])).toEqual([[bubble], [bubble], [bubble]]);
  });

  it('equal those of the slow reference for any bundle', () => {
    const last = fc.oneof(anyDatagram, fc.uint8Array({ minLength: 1, maxLength: datagramOctets }));
    fc.assert(
      fc.property(fc.array(anyDatagram, { minLength: 1, maxLength: 20 }), last, (datagrams, lastOne) => {
        expect(cut([...datagrams, lastOne])).toEqual(slowRuns([...datagrams, lastOne]));
      }),
    );
  });
});
