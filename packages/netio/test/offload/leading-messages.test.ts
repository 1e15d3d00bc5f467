import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageHeaders, messageHeaderOctets } from '../../src/kernel/message-headers.ts';
import { ReceiveSlots, slotStride } from '../../src/kernel/receive-slots.ts';
import { socketAddressOctets, writeSocketAddress } from '../../src/linux/sockets/socket-address.ts';
import { anyDatagram, changed, framed, framedKinds, kinds, shareRun, tcp } from './datagrams.ts';
import { tcpPacket } from './packets.ts';
import { testArena } from './test-arena.ts';

/** The content of one message of a `recvmmsg`. */
interface Message {
  readonly datagram: Uint8Array;
  readonly address?: number;
  readonly port?: number;
  /** Whether the kernel says that it is a bundle. */
  readonly isBundle?: boolean;
}

const slotsInTest = 24;
const { arena, loops } = testArena(2 ** 21, 16);
const slots = new ReceiveSlots(arena, slotsInTest);
const headers = new MessageHeaders(arena, { count: slotsInTest, nameOctets: socketAddressOctets });

/** Returns the number of messages in each run. */
function runsOf(messages: readonly Message[]): number[] {
  messages.forEach(({ datagram, address = 0xc633_6401, port = 3544, isBundle = false }, index) => {
    arena.bytes.set(datagram, slots.packetOffset(index));
    writeSocketAddress(arena, headers.nameOffset(index), address, port);
    const words = (headers.headersOffset + index * messageHeaderOctets) >>> 2;
    arena.uint32[words + 10] = isBundle ? 24 : 0;
    arena.uint32[words + 14] = datagram.length;
  });
  const runs: number[] = [];
  for (let index = 0; index < messages.length; index += runs.at(-1)!) {
    const { headersOffset, namesOffset } = headers;
    const first = slots.packetOffset(0);
    runs.push(loops.leadingMessages(headersOffset, namesOffset, first, slotStride, index, messages.length));
  }
  return runs;
}

/** The same by a simple reference implementation. */
function slowRuns(messages: readonly Message[]): number[] {
  const runs: Message[][] = [];
  for (const message of messages) {
    const run = runs.at(-1);
    if (run !== undefined && mayFollow(run, message)) run.push(message);
    else runs.push([message]);
  }
  return runs.map((run) => run.length);
}

/** Lengths are equal except for a shorter last one. */
function mayFollow(run: readonly Message[], message: Message): boolean {
  const lengths = new Set(run.map(({ datagram }) => datagram.length));
  return lengths.size === 1 && message.datagram.length <= Math.max(...lengths) && run.every((it) => agree(it, message));
}

function agree(one: Message, other: Message): boolean {
  return (
    !one.isBundle &&
    !other.isBundle &&
    one.address === other.address &&
    one.port === other.port &&
    shareRun(one.datagram, other.datagram)
  );
}

const flow = (count: number): Message[] => Array.from({ length: count }, () => ({ datagram: tcp(0) }));
const short = { datagram: tcpPacket({ sequence: 9 }, new Uint8Array(5)) };

describe('runs of messages', () => {
  it.each(Object.keys(kinds))('%s in the middle stands alone, and those around it do not cover it', (name) => {
    const middle = { datagram: kinds[name]!() };
    expect(runsOf([...flow(2), middle, ...flow(3)])).toEqual([2, 1, 3]);
    expect(runsOf([middle, ...flow(2)])).toEqual([1, 2]);
    expect(runsOf([...flow(2), middle])).toEqual([2, 1]);
  });

  it.each(Object.keys(framedKinds))('[TU-08] %s stands alone among ChannelData', (name) => {
    const [one, middle] = [{ datagram: framed(0) }, { datagram: framedKinds[name]!() }];
    expect(runsOf([one, one, middle, one])).toEqual([2, 1, 1]);
    expect(runsOf([middle, one, one])).toEqual([1, 2]);
  });

  it.each([
    ['another address', { address: 0xc633_6402 }],
    ['another port', { port: 3545 }],
    ['a bundle', { isBundle: true }],
  ])('%s ends a run', (_name, difference) => {
    expect(runsOf([...flow(2), { datagram: tcp(0), ...difference }, ...flow(2)])).toEqual([2, 1, 2]);
  });

  it('a shorter packet is the last of its run, and a longer one begins another', () => {
    expect(runsOf([...flow(2), short, ...flow(2)])).toEqual([3, 2]);
    expect(runsOf([...flow(2), short, short])).toEqual([3, 1]);
    expect(runsOf([short, ...flow(2)])).toEqual([1, 2]);
  });

  it('the previous content of a slot does not count', () => {
    for (const octets of [0, 1, 39]) {
      runsOf(flow(3));
      expect(runsOf([...flow(1), { datagram: tcp(0).slice(0, octets) }, ...flow(1)])).toEqual([1, 1, 1]);
      const one = { datagram: framed(0) };
      runsOf([one, one, one]);
      expect(runsOf([one, { datagram: framed(0).slice(0, octets) }, one])).toEqual([1, 1, 1]);
    }
  });

  it('a header with nothing behind it stands alone', () => {
    const header = { datagram: changed(tcp(0), 5, 0).slice(0, 40) };
    expect(runsOf([header, header])).toEqual([1, 1]);
    expect(runsOf([...flow(2), header])).toEqual([2, 1]);
  });

  it('equal those of the slow reference for any messages', () => {
    const datagram = fc.oneof(
      { weight: 9, arbitrary: anyDatagram },
      { weight: 1, arbitrary: fc.constant(short.datagram) },
    );
    const message = fc.record({
      datagram,
      address: fc.constantFrom(1, 1, 1, 1, 1, 2),
      port: fc.constantFrom(3, 3, 3, 3, 3, 4),
      isBundle: fc.constantFrom(false, false, false, false, false, true),
    });
    const few = fc.array(message, { minLength: 1, maxLength: slotsInTest });
    fc.assert(
      fc.property(few, (messages) => {
        expect(runsOf(messages)).toEqual(slowRuns(messages));
      }),
    );
  });
});
