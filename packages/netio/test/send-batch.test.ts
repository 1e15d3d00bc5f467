import { describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../src/drop-sink.ts';
import { errno } from '../src/kernel/errno.ts';
import { messageHeaderOctets } from '../src/kernel/message-headers.ts';
import { batchCopyOctets, batchMessages, SendBatch } from '../src/linux/sockets/send-batch.ts';
import { Sender } from '../src/linux/sockets/sender.ts';
import { testArena } from './offload/test-arena.ts';

const base = 0x10_0000;
const descriptor = 7;
/** ENETUNREACH: no route. */
const networkUnreachable = 101;

/** A message as the kernel saw it. */
interface SentMessage {
  readonly octets: Uint8Array;
  /** The length at which the kernel was to cut it; 0: not at all. */
  readonly cutAt: number;
  readonly destination: number;
}

/** A batch over a kernel that returns the given results of `sendmmsg` (a negative number is an error), then accepts everything. */
function batchOver({ joins = false }: { joins?: boolean }, ...answers: number[]) {
  const sent: SentMessage[][] = [];
  const calls: number[] = [];
  const descriptors: number[] = [];
  let lastErrno = 0;
  const { arena, gather, put } = testArena(2 ** 20, 2 ** 17);
  const messageAt = (address: number): SentMessage => {
    const words = arena.uint32;
    const header = (address - base) >>> 2;
    const controlLength = words[header + 10]!;
    const control = (words[header + 8]! - base) >>> 2;
    // SOL_UDP and UDP_SEGMENT, with a number of 16 bits.
    if (controlLength > 0) expect([controlLength, ...words.slice(control, control + 4)]).toEqual([24, 18, 0, 17, 103]);
    return {
      octets: gather(words[header + 4]!, words[header + 6]!),
      cutAt: controlLength > 0 ? words[control + 4]! & 0xffff : 0,
      destination: words[(words[header]! - base) >>> 2]!,
    };
  };
  const sendmmsg = (usedDescriptor: number, messages: number, count: number, flags: number): number => {
    expect(flags).toBe(0);
    calls.push(count);
    descriptors.push(usedDescriptor);
    const answer = answers.shift() ?? count;
    if (answer < 0) {
      lastErrno = -answer;
      return -1;
    }
    sent.push(Array.from({ length: answer }, (_, index) => messageAt(messages + index * messageHeaderOctets)));
    return answer;
  };
  /** The reported losses, piece by piece. */
  const lost: string[] = [];
  const drops = Object.assign(new DeviceDropCounts(), {
    lost: (memory: Uint8Array, offset: number, octets: number) =>
      void lost.push(String(memory.slice(offset, offset + octets))),
  });
  const batch = new SendBatch({ calls: { sendmmsg, errno: () => lastErrno }, arena, nameOctets: 16 });
  const sender = new Sender(descriptor, drops, joins);
  /** Queues datagrams as the devices do, for one destination. */
  const addTo = (destination: number, ...datagrams: Uint8Array[]) => addFrom(sender, destination, ...datagrams);
  const addFrom = (from: Sender, destination: number, ...datagrams: Uint8Array[]) => {
    for (const octets of datagrams) {
      batch.makeRoom();
      const place = batch.place(from, octets, 0, octets.length);
      if (place < 0) continue;
      const nameOfLast = batch.headers.nameOffset(batch.last) >>> 2;
      if (!batch.mayExtend(from, octets.length) || arena.uint32[nameOfLast] !== destination) {
        arena.uint32[batch.headers.nameOffset(batch.begin(from, octets.length)) >>> 2] = destination;
      }
      batch.add(place, octets.length);
    }
  };
  const add = (...octets: number[]) => addTo(1, Uint8Array.from(octets));
  const messages = () => sent.flat();
  const texts = () => messages().map((message) => String(message.octets));
  const flush = () => batch.flush();
  return {
    arena,
    put,
    batch,
    sender,
    drops,
    lost,
    calls,
    descriptors,
    sent,
    add,
    addTo,
    addFrom,
    messages,
    texts,
    flush,
  };
}

const filled = (octets: number, fill = 0) => new Uint8Array(octets).fill(fill);
const dropsOf = ({ drops }: { drops: DeviceDropCounts }) => drops.snapshot();

describe('SendBatch', () => {
  it('sends the queued datagrams with one call, in order', () => {
    const { add, flush, texts, calls } = batchOver({});
    add(1);
    add(2, 2);
    add(3, 3, 3);
    flush();
    expect(texts()).toEqual(['1', '2,2', '3,3,3']);
    expect(calls).toEqual([3]);
  });

  it('makes no call when nothing is queued', () => {
    const { add, flush, calls } = batchOver({});
    flush();
    add(1);
    flush();
    flush();
    expect(calls).toHaveLength(1);
  });

  it('sends a full batch before it takes more', () => {
    const { add, flush, sent, texts } = batchOver({});
    for (let index = 0; index <= batchMessages; index++) add(index);
    expect(sent.map((batch) => batch.length)).toEqual([batchMessages]);
    flush();
    expect(texts()).toEqual(Array.from({ length: batchMessages + 1 }, (_, index) => String(index)));
  });

  it('sends before the room for copies is used up, and never spoils a copy', () => {
    const { addTo, flush, messages, sent } = batchOver({});
    const big = Math.floor(batchCopyOctets / 4);
    for (let fill = 1; fill <= 5; fill++) addTo(1, filled(big, fill));
    flush();
    expect(sent.map((batch) => batch.length)).toEqual([4, 1]);
    expect(messages().map(({ octets }) => [octets.length, octets[0], octets.at(-1)])).toEqual(
      [1, 2, 3, 4, 5].map((fill) => [big, fill, fill]),
    );
  });

  it('makes one call for each socket, with its datagrams in order', () => {
    const { add, addFrom, flush, calls, descriptors, sent } = batchOver({});
    const other = new Sender(8, new DeviceDropCounts(), false);
    const third = new Sender(9, new DeviceDropCounts(), false);
    add(1);
    addFrom(other, 2, Uint8Array.of(2));
    addFrom(third, 3, Uint8Array.of(3));
    addFrom(other, 2, Uint8Array.of(4));
    add(5);
    flush();
    expect(descriptors).toEqual([7, 8, 9]);
    expect(calls).toEqual([2, 2, 1]);
    expect(sent.map((messages) => messages.map(({ octets }) => octets[0]))).toEqual([[1, 5], [2, 4], [3]]);
    add(6);
    flush();
    expect([descriptors.at(-1), sent.at(-1)!.map(({ octets }) => octets[0])]).toEqual([7, [6]]);
  });

  it('drops datagrams of a socket whose buffer is full, and sends those of others', () => {
    const { add, addFrom, flush, descriptors, texts, ...rest } = batchOver({}, 1, -errno.EAGAIN);
    const drops = new DeviceDropCounts();
    const other = new Sender(8, drops, false);
    for (const octet of [1, 2, 3]) {
      add(octet);
      addFrom(other, 2, Uint8Array.of(10 + octet));
    }
    flush();
    expect(texts()).toEqual(['1', '11', '12', '13']);
    expect(descriptors).toEqual([7, 7, 8]);
    expect(dropsOf(rest)).toEqual({ 'send-buffer-full': 2 });
    expect(dropsOf({ drops })).toEqual({});
    expect(rest.lost).toEqual(['2', '3']);
  });

  it('does not join datagrams of different sockets, and remembers the limits of each path', () => {
    const { addTo, addFrom, flush, messages, sender } = batchOver({ joins: true }, -errno.EIO);
    const other = new Sender(8, new DeviceDropCounts(), true);
    addTo(1, filled(8), filled(8));
    addFrom(other, 1, filled(8), filled(8));
    flush();
    expect(messages().map(({ octets, cutAt }) => [octets.length, cutAt])).toEqual([
      [8, 0],
      [8, 0],
      [16, 8],
    ]);
    expect([sender.joins, other.joins]).toEqual([false, true]);
  });

  it('refers to memory of the arena in place', () => {
    const { arena, batch, sender, put, flush, texts } = batchOver({});
    const offset = put(Uint8Array.of(1, 2));
    const place = batch.place(sender, arena.bytes, offset, 2);
    batch.begin(sender, 2);
    batch.add(place, 2);
    arena.bytes[offset] = 9;
    flush();
    expect(texts()).toEqual(['9,2']);
  });

  it('resumes where the kernel stopped', () => {
    const { add, flush, texts, calls, ...rest } = batchOver({}, 2, 1);
    for (let index = 0; index < 5; index++) add(index);
    flush();
    expect(calls).toEqual([5, 3, 2]);
    expect(texts()).toEqual(['0', '1', '2', '3', '4']);
    expect(dropsOf(rest)).toEqual({});
  });

  it.each(['EAGAIN', 'ENOBUFS', 'ENOMEM'] as const)('drops and counts every datagram that is left on %s', (name) => {
    const { addTo, flush, messages, calls, ...rest } = batchOver({ joins: true }, 1, -errno[name]);
    addTo(1, filled(9));
    addTo(2, filled(9), filled(9));
    addTo(3, filled(9), filled(9), filled(4));
    flush();
    expect(messages().map(({ destination }) => destination)).toEqual([1]);
    expect(dropsOf(rest)).toEqual({ 'send-buffer-full': 5 });
    flush();
    expect(calls).toHaveLength(2);
  });

  it('skips and counts a message that the kernel refuses, and sends those behind it', () => {
    const { add, flush, texts, ...rest } = batchOver({}, 1, -errno.EMSGSIZE);
    for (let index = 0; index < 3; index++) add(index);
    flush();
    expect(texts()).toEqual(['0', '2']);
    expect(dropsOf(rest)).toEqual({ 'send-failed': 1 });
  });

  it('[WF-29] reports the content of a message that the kernel refuses for its destination, and of no other', () => {
    const { addTo, flush, lost } = batchOver({ joins: true }, 1, -networkUnreachable);
    addTo(1, Uint8Array.of(1, 1));
    addTo(2, Uint8Array.of(2, 2), Uint8Array.of(2, 3), Uint8Array.of(4));
    addTo(3, Uint8Array.of(5));
    flush();
    expect(lost).toEqual(['2,2', '2,3', '4']);
  });

  it('[WF-29] reports the content of all remaining messages when the buffer is full', () => {
    const { addTo, flush, lost } = batchOver({}, 1, -errno.EAGAIN);
    for (let index = 0; index < 4; index++) addTo(index, Uint8Array.of(index, index));
    flush();
    expect(lost).toEqual(['1,1', '2,2', '3,3']);
  });

  it('[WF-29] reports the lost datagrams of a message whose datagrams were sent singly', () => {
    const { addTo, flush, texts, lost } = batchOver(
      { joins: true },
      -errno.EMSGSIZE,
      1,
      -errno.EPERM,
      1,
      -errno.EAGAIN,
    );
    addTo(1, ...[1, 2, 3, 4, 5].map((tag) => Uint8Array.of(tag, tag)));
    flush();
    expect(texts()).toEqual(['1,1', '3,3']);
    expect(lost).toEqual(['2,2', '4,4', '5,5']);
  });

  it('tries again after a signal', () => {
    const { add, flush, texts, ...rest } = batchOver({}, -errno.EINTR);
    add(1);
    flush();
    expect(texts()).toEqual(['1']);
    expect(dropsOf(rest)).toEqual({});
  });

  it('drops and counts packets of an impossible length', () => {
    const { addTo, flush, calls, ...rest } = batchOver({});
    addTo(1, filled(70_000));
    flush();
    expect(calls).toEqual([]);
    expect(dropsOf(rest)).toEqual({ 'send-failed': 1 });
  });
});

describe('SendBatch that joins', () => {
  const joined = (...answers: number[]) => batchOver({ joins: true }, ...answers);
  const shape = (messages: readonly SentMessage[]) =>
    messages.map(({ octets, cutAt, destination }) => [destination, octets.length, cutAt]);

  it('makes one message of datagrams of one length to one endpoint, the last of which may be shorter', () => {
    const { addTo, flush, messages, texts, calls } = joined();
    addTo(1, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6), Uint8Array.of(7));
    addTo(1, Uint8Array.of(8));
    flush();
    expect(shape(messages())).toEqual([
      [1, 7, 3],
      [1, 1, 0],
    ]);
    expect(texts()[0]).toBe('1,2,3,4,5,6,7');
    expect(calls).toEqual([2]);
  });

  it('begins again for a longer datagram, an empty one, and another endpoint', () => {
    const { addTo, flush, messages } = joined();
    addTo(1, filled(5), filled(6), filled(0));
    addTo(2, filled(6));
    flush();
    expect(shape(messages())).toEqual([
      [1, 5, 0],
      [1, 6, 0],
      [1, 0, 0],
      [2, 6, 0],
    ]);
  });

  it('joins no more datagrams or octets than the kernel takes', () => {
    const { addTo, flush, messages } = joined();
    addTo(1, ...Array.from({ length: 70 }, () => filled(8)));
    addTo(2, ...Array.from({ length: 6 }, () => filled(16_000)));
    flush();
    expect(shape(messages())).toEqual([
      [1, 64 * 8, 8],
      [1, 6 * 8, 8],
      [2, 64_000, 16_000],
      [2, 32_000, 16_000],
    ]);
  });

  it('leaves no trace of a joined message in the next batch', () => {
    const { addTo, flush, messages } = joined();
    addTo(1, filled(8), filled(8));
    flush();
    addTo(1, filled(8));
    flush();
    expect(shape(messages()).at(-1)).toEqual([1, 8, 0]);
  });

  it.each(['EIO', 'EMSGSIZE', 'EINVAL'] as const)('sends each datagram alone when the kernel answers %s', (name) => {
    const { addTo, flush, messages, texts, ...rest } = joined(-errno[name]);
    addTo(1, Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5));
    addTo(2, Uint8Array.of(6));
    flush();
    expect(texts()).toEqual(['1,2', '3,4', '5', '6']);
    expect(shape(messages()).map(([destination, , cutAt]) => [destination, cutAt])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(dropsOf(rest)).toEqual({});
  });

  it('joins no more after EIO: some device on the way out cannot complete checksums', () => {
    const { addTo, flush, messages, sender } = joined(-errno.EIO);
    addTo(1, filled(8), filled(8));
    flush();
    expect(sender.joins).toBe(false);
    addTo(1, filled(8), filled(8));
    flush();
    expect(shape(messages())).toEqual(new Array(4).fill([1, 8, 0]));
  });

  it('joins only shorter datagrams for a while after EMSGSIZE: some path is narrower than they were', () => {
    const { addTo, flush, messages, sent } = joined(-errno.EMSGSIZE);
    addTo(1, filled(8), filled(8));
    flush();
    sent.length = 0;
    addTo(1, filled(8), filled(8), filled(7), filled(7));
    flush();
    expect(shape(messages())).toEqual([
      [1, 8, 0],
      [1, 8, 0],
      [1, 14, 7],
    ]);
    for (let count = 0; count < 10_000; count++) addTo(1, filled(8));
    flush();
    sent.length = 0;
    addTo(1, filled(8), filled(8));
    flush();
    expect(shape(messages())).toEqual([[1, 16, 8]]);
  });

  it('also counts single datagrams that are refused', () => {
    const { addTo, flush, texts, ...rest } = joined(-errno.EMSGSIZE, 1, -errno.EMSGSIZE, -errno.EINTR, -errno.EAGAIN);
    addTo(1, Uint8Array.of(1, 1), Uint8Array.of(2, 2), Uint8Array.of(3, 3), Uint8Array.of(4, 4));
    addTo(2, Uint8Array.of(5));
    flush();
    expect(texts()).toEqual(['1,1', '5']);
    expect(dropsOf(rest)).toEqual({ 'send-failed': 1, 'send-buffer-full': 2 });
  });

  it('drops a whole message that has no route', () => {
    const enetunreach = 101;
    const { addTo, flush, texts, ...rest } = joined(-enetunreach);
    addTo(1, filled(2), filled(2));
    addTo(2, Uint8Array.of(5));
    flush();
    expect(texts()).toEqual(['5']);
    expect(dropsOf(rest)).toEqual({ 'send-failed': 2 });
  });
});
