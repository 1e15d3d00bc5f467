import { createPacketRun } from '@navalis/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { errno } from '../../src/kernel/errno.ts';
import type { SystemCalls } from '../../src/kernel/system-calls.ts';
import { TunWriter } from '../../src/linux/tunnel/tun-writer.ts';
import type { Offload } from '../../src/netio.ts';
import { maximumGroupPackets } from '../../src/offload/coalescer.ts';
import { headerOctets, headersOf, protocols, tcpPacket, udpPacket } from './packets.ts';
import { slowGroups, slowSegments } from './slow-offload.ts';
import { testArena } from './test-arena.ts';

const descriptor = 9;
const virtioHeaderOctets = 10;
const all: readonly Offload[] = ['checksum', 'tcp-segments', 'udp-segments'];
const space = testArena(2 ** 20, 2 ** 18);

/** A writer over a kernel that cuts what it is given, and refuses super-segments of the types in `refused`. */
function writerOver(offloads: readonly Offload[] = all, refused: readonly number[] = []) {
  const writes: Uint8Array[][] = [];
  let failNext = false;
  const writev = (used: number, vectors: number, count: number): number => {
    expect(used).toBe(descriptor);
    const octets = space.gather(vectors, count);
    if (failNext || refused.includes(octets[1]!)) {
      failNext = false;
      return -1;
    }
    writes.push(asKernel(octets));
    return octets.length;
  };
  const counters = new DeviceDropCounts();
  const calls = { writev, errno: () => errno.EINVAL } as Partial<SystemCalls> as SystemCalls;
  const { arena, loops } = space;
  const machine = { calls, arena, loops, scratch: 0, offload: true };
  const writer = new TunWriter(machine, { descriptor, offloads }, counters, arena);
  space.rewind();
  const run = createPacketRun(arena.bytes);
  return {
    writes,
    counters,
    writer,
    fail: () => {
      failNext = true;
    },
    /**
     * Queues packets in runs, of one length but for a shorter last one: in turn side by side, as bundles are cut, and apart, as
     * in slots for one datagram each.
     */
    queue: (packets: readonly Uint8Array[], longestRun = 100) => {
      runsOf(packets, longestRun).forEach((each, index) => {
        const gap = new Uint8Array(index % 2 === 0 ? 0 : 24).fill(0xee);
        run.count = each.length;
        run.packetLength = each[0]!.length;
        run.lastPacketLength = each.at(-1)!.length;
        run.headerStride = run.packetLength + gap.length;
        writer.queue(run, space.put(Uint8Array.from(each.flatMap((packet) => [...packet, ...gap]))));
      });
    },
  };
}

function runsOf(packets: readonly Uint8Array[], longest: number): Uint8Array[][] {
  const runs: Uint8Array[][] = [];
  let isOpen = false;
  for (const packet of packets) {
    const run = runs.at(-1);
    if (isOpen && run !== undefined && run.length < longest && packet.length <= run[0]!.length) run.push(packet);
    else runs.push([packet]);
    isOpen = packet.length === runs.at(-1)![0]!.length;
  }
  return runs;
}

/** Returns the packets that the kernel makes of one write. */
function asKernel(octets: Uint8Array): Uint8Array[] {
  const view = new DataView(octets.buffer);
  const [flags, type] = octets;
  const packet = octets.slice(virtioHeaderOctets);
  if (type === 0) {
    expect(flags).toBe(0);
    return [packet];
  }
  const isTcp = packet[6] === protocols.tcp;
  expect(flags).toBe(1);
  expect(type).toBe(isTcp ? 4 : 5);
  expect(view.getUint16(2, true)).toBe(headersOf(packet));
  expect([view.getUint16(6, true), view.getUint16(8, true)]).toEqual([headerOctets, isTcp ? 16 : 6]);
  expect(new DataView(packet.buffer).getUint16(4)).toBe(packet.length - headerOctets);
  expectPartialChecksum(packet);
  return slowSegments(packet, view.getUint16(4, true));
}

/** The checksum field holds the sum of the pseudo-header alone: the kernel adds the rest. */
function expectPartialChecksum(packet: Uint8Array): void {
  const pseudo = new Uint8Array(40);
  pseudo.set(packet.subarray(8, 40));
  const view = new DataView(pseudo.buffer);
  view.setUint32(32, packet.length - headerOctets);
  view.setUint32(36, packet[6]!);
  let sum = 0;
  for (let at = 0; at < 40; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const field = headerOctets + (packet[6] === protocols.tcp ? 16 : 6);
  expect(new DataView(packet.buffer).getUint16(field)).toBe(sum);
}

const payloadOf = (octets: number) => new Uint8Array(octets).fill(3);

/** Traffic of hosts: sequences of a few flows, sometimes with a packet that must not be joined. */
const traffic = fc
  .array(
    fc.record({
      kind: fc.constantFrom('tcp', 'udp', 'other'),
      flow: fc.nat(1),
      octets: fc.constantFrom(1, 30, 31, 200),
      count: fc.integer({ min: 1, max: 20 }),
      sequence: fc.constantFrom(5, 0xffff_ff00),
      options: fc.constantFrom([], [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]),
      lastOctets: fc.constantFrom(1, 29, 30, 200),
      oddAt: fc.nat(25),
      odd: fc.constantFrom(
        'flags',
        'push',
        'checksum',
        'gap',
        'window',
        'hop-limit',
        'no-checksum',
        'trailing',
        'label',
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((stretches) => stretches.flatMap(stretchOf));

function stretchOf(stretch: {
  kind: string;
  flow: number;
  octets: number;
  count: number;
  sequence: number;
  options: readonly number[];
  lastOctets: number;
  oddAt: number;
  odd: string;
}): Uint8Array[] {
  const { kind, flow, octets, count, sequence, options, lastOctets, oddAt, odd } = stretch;
  return Array.from({ length: count }, (_, index) => {
    const payload = payloadOf(index === count - 1 ? lastOctets : octets);
    const isOdd = index === oddAt;
    const is = (what: string) => isOdd && odd === what;
    if (kind === 'udp') {
      const packet = udpPacket(flow, payload, !is('no-checksum'));
      if (is('checksum')) packet[46]! ^= 1;
      return is('trailing') ? Uint8Array.from([...packet, 0]) : packet;
    }
    const packet = tcpPacket(
      {
        sequence: sequence + index * octets + (is('gap') ? 1 : 0),
        flags: is('flags') ? 0x18 | 0x20 : is('push') ? 0x18 : 0x10,
        window: is('window') ? 501 : 500,
        hopLimit: is('hop-limit') ? 63 : 64,
        flowLabel: is('label') ? 1 : 0,
        options,
        flow,
      },
      payload,
    );
    if (kind === 'other') packet[6] = protocols.none;
    if (is('checksum')) packet[headersOf(packet)]! ^= 1;
    return is('trailing') ? Uint8Array.from([...packet, 0]) : packet;
  });
}

describe('TunWriter', () => {
  it('gives the host every packet of any traffic, in order and unchanged, in the groups of the slow reference', () => {
    let joined = 0;
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 100 }), (packets, longestRun) => {
        const { writer, writes, queue, counters } = writerOver();
        queue(packets, longestRun);
        writer.flush();
        expect(writes.flat()).toEqual(packets);
        expect(writes.map((write) => write.length)).toEqual(
          slowGroups(packets, maximumGroupPackets).map((group) => group.length),
        );
        expect(counters.snapshot()).toEqual({});
        joined += writes.filter((write) => write.length > 1).length;
      }),
    );
    expect(joined).toBeGreaterThan(100);
  });

  it('joins until the payload length of IPv6 is used up', () => {
    const { writer, writes, queue } = writerOver();
    const packets = Array.from({ length: 60 }, (_, index) =>
      tcpPacket({ sequence: index * 1400, options: [] }, payloadOf(1400)),
    );
    queue(packets);
    writer.flush();
    expect(writes.map((write) => write.length)).toEqual([46, 14]);
    expect(writes.flat()).toEqual(packets);
  });

  it('joins no more packets than kernels cut', () => {
    const { writer, writes, queue } = writerOver();
    queue(Array.from({ length: 70 }, () => udpPacket(1, payloadOf(2))));
    writer.flush();
    expect(writes.map((write) => write.length)).toEqual([64, 6]);
  });

  it('writes each packet alone without offloads, and UDP alone when the kernel knows only TCP', () => {
    const tcp = [0, 1, 2].map((index) => tcpPacket({ sequence: index * 50 }, payloadOf(50)));
    const udp = [0, 1, 2].map(() => udpPacket(1, payloadOf(50)));
    const none = writerOver([]);
    none.queue([...tcp, ...udp]);
    none.writer.flush();
    expect(none.writes.map((write) => write.length)).toEqual([1, 1, 1, 1, 1, 1]);
    const tcpOnly = writerOver(['checksum', 'tcp-segments']);
    tcpOnly.queue([...tcp, ...udp]);
    tcpOnly.writer.flush();
    expect(tcpOnly.writes.map((write) => write.length)).toEqual([3, 1, 1, 1]);
  });

  it('writes the packets of a refused super-segment one by one, unchanged, and joins no more', () => {
    for (const type of [4, 5]) {
      const { writer, writes, queue, counters } = writerOver(all, [type]);
      const packets = [0, 1, 2].flatMap((index) =>
        type === 4 ? [tcpPacket({ sequence: index * 50 }, payloadOf(50))] : [udpPacket(1, payloadOf(50))],
      );
      queue(packets);
      writer.flush();
      queue(packets);
      expect(writes.map((write) => write.length)).toEqual([1, 1, 1, 1, 1, 1]);
      expect(writes.flat()).toEqual([...packets, ...packets]);
      expect(counters.snapshot()).toEqual({});
    }
  });

  it('counts a packet that the interface refuses, and continues', () => {
    const { writes, queue, counters, fail } = writerOver([]);
    fail();
    queue([udpPacket(1, payloadOf(5)), udpPacket(2, payloadOf(5))]);
    expect(writes.flat()).toEqual([udpPacket(2, payloadOf(5))]);
    expect(counters.snapshot()).toEqual({ 'tunnel-write-failed': 1 });
  });

  it('keeps the order when a packet must be written at once', () => {
    const { writer, writes, queue } = writerOver();
    const first = tcpPacket({ sequence: 0 }, payloadOf(50));
    const second = tcpPacket({ sequence: 50 }, payloadOf(50));
    queue([first]);
    writer.writeNow(space.put(second), second.length);
    expect(writes).toEqual([[first], [second]]);
  });
});
