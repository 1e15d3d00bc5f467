import { Counters } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { Arena } from '../src/kernel/arena.ts';
import { errno } from '../src/kernel/errno.ts';
import { messageHeaderOctets } from '../src/kernel/message-headers.ts';
import type { SystemCalls } from '../src/kernel/system-calls.ts';
import { batchCopyOctets, batchMessages, SendBatch } from '../src/linux/send-batch.ts';

const base = 0x10_0000;
const descriptor = 7;

/** A batch over a kernel that answers each `sendmmsg` as told (a negative number is an error), then takes everything. */
function batchOver(...answers: number[]) {
  const sent: Uint8Array[][] = [];
  const calls: { first: number; count: number }[] = [];
  let lastErrno = 0;
  const arena = new Arena({ address: () => BigInt(base) }, 2 ** 20);
  const pointerAt = (offset: number) => arena.uint32[offset >>> 2]! - base;
  const sendmmsg = (usedDescriptor: number, messages: number, count: number, flags: number): number => {
    expect([usedDescriptor, flags]).toEqual([descriptor, 0]);
    const first = (messages - batch.headers.address) / messageHeaderOctets;
    calls.push({ first, count });
    const answer = answers.shift() ?? count;
    if (answer < 0) {
      lastErrno = -answer;
      return -1;
    }
    sent.push(
      Array.from({ length: answer }, (_, index) => {
        const vector = pointerAt(messages - base + index * messageHeaderOctets + 16);
        const offset = pointerAt(vector);
        return arena.bytes.slice(offset, offset + arena.uint32[(vector + 8) >>> 2]!);
      }),
    );
    return answer;
  };
  const counters = new Counters();
  const batch = new SendBatch({ sendmmsg, errno: () => lastErrno } as SystemCalls, arena, 16, counters);
  const add = (...octets: number[]) => batch.add(descriptor, new Uint8Array(octets), 0, octets.length);
  return { arena, batch, counters, calls, sent, add, flush: () => batch.flush(descriptor) };
}

describe('SendBatch', () => {
  it('sends what is queued with one call, in order', () => {
    const { add, flush, sent, calls } = batchOver();
    add(1);
    add(2, 2);
    add(3, 3, 3);
    flush();
    expect(sent.flat().map(String)).toEqual(['1', '2,2', '3,3,3']);
    expect(calls).toEqual([{ first: 0, count: 3 }]);
  });

  it('calls nobody when nothing is queued', () => {
    const { add, flush, calls } = batchOver();
    flush();
    add(1);
    flush();
    flush();
    expect(calls).toHaveLength(1);
  });

  it('sends a full batch before it takes more', () => {
    const { add, flush, sent } = batchOver();
    for (let index = 0; index <= batchMessages; index++) add(index);
    expect(sent.map((batch) => batch.length)).toEqual([batchMessages]);
    flush();
    expect(sent.flat().map((packet) => packet[0])).toEqual(
      Array.from({ length: batchMessages + 1 }, (_, index) => index),
    );
  });

  it('sends before the place for copies runs out', () => {
    const { batch, flush, sent } = batchOver();
    const large = new Uint8Array(65_000).fill(9);
    const fitting = Math.floor(batchCopyOctets / large.length);
    for (let index = 0; index <= fitting; index++) batch.add(descriptor, large, 0, large.length);
    expect(sent.map((batch) => batch.length)).toEqual([fitting]);
    flush();
    expect(sent.flat().every((packet) => packet.length === large.length && packet.every((octet) => octet === 9))).toBe(
      true,
    );
  });

  it('copies memory from outside and refers to its own', () => {
    const { arena, batch, flush, sent } = batchOver();
    const outside = new Uint8Array([1]);
    const inside = arena.allocate(1);
    arena.bytes[inside] = 2;
    batch.add(descriptor, outside, 0, 1);
    batch.add(descriptor, arena.bytes.subarray(inside), 0, 1);
    outside[0] = 11;
    arena.bytes[inside] = 22;
    flush();
    expect(sent.flat().map(String)).toEqual(['1', '22']);
  });

  it('goes on at the message that a partial send stopped at', () => {
    const { add, flush, sent, calls, counters } = batchOver(2, 1);
    for (let index = 0; index < 5; index++) add(index);
    flush();
    expect(calls).toEqual([
      { first: 0, count: 5 },
      { first: 2, count: 3 },
      { first: 3, count: 2 },
    ]);
    expect(sent.flat().map(String)).toEqual(['0', '1', '2', '3', '4']);
    expect(counters.snapshot().drops).toEqual({});
  });

  it.each(['EAGAIN', 'ENOBUFS', 'ENOMEM'] as const)('drops and counts what is left on %s', (name) => {
    const { add, flush, sent, counters, calls } = batchOver(1, -errno[name]);
    for (let index = 0; index < 4; index++) add(index);
    flush();
    expect(sent.flat().map(String)).toEqual(['0']);
    expect(counters.snapshot().drops).toEqual({ 'send-buffer-full': 3 });
    flush();
    expect(calls).toHaveLength(2);
  });

  it('skips and counts a message that the kernel refuses, and sends those behind it', () => {
    const EMSGSIZE = 90;
    const { add, flush, sent, counters } = batchOver(1, -EMSGSIZE);
    for (let index = 0; index < 3; index++) add(index);
    flush();
    expect(sent.flat().map(String)).toEqual(['0', '2']);
    expect(counters.snapshot().drops).toEqual({ 'send-failed': 1 });
  });

  it('tries again after a signal', () => {
    const { add, flush, sent, counters } = batchOver(-errno.EINTR);
    add(1);
    flush();
    expect(sent.flat().map(String)).toEqual(['1']);
    expect(counters.snapshot().drops).toEqual({});
  });

  it('drops and counts what is no packet by its length', () => {
    const { batch, flush, calls, counters } = batchOver();
    expect(batch.add(descriptor, new Uint8Array(70_000), 0, 70_000)).toBe(-1);
    flush();
    expect(calls).toEqual([]);
    expect(counters.snapshot().drops).toEqual({ 'send-failed': 1 });
  });
});
