import type { RandomSource } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { type Transaction, Transactions, type TurnRequest } from '../src/client/transactions.ts';
import { StunLayout } from '../src/index.ts';
import { ipv4 } from './world.ts';

const counting: RandomSource = {
  fill: (target) =>
    void target.forEach((_, index) => {
      target[index] = index + 1;
    }),
};

const allocate: TurnRequest = { kind: 'allocate' };
const refresh: TurnRequest = { kind: 'refresh', lifetime: 600, isCheck: false };
const check: TurnRequest = { kind: 'refresh', lifetime: 600, isCheck: true };
const permitFirst: TurnRequest = { kind: 'permit-first', addresses: [ipv4('198.51.100.10')] };
const permit: TurnRequest = { kind: 'permit', address: ipv4('203.0.113.1') };
const bind: TurnRequest = { kind: 'bind', row: 0, channel: 0x4000 };

/** An ID of 12 octets that differs from others in its last octet only. */
function idOf(number: number): Uint8Array {
  return Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, number);
}

function newTransactions(isReliable = false): Transactions {
  const transactions = new Transactions(counting);
  transactions.isReliable = isReliable;
  return transactions;
}

/** Begins a request whose ID and message are told by a number. */
function begin(transactions: Transactions, request: TurnRequest, number: number, now: number): void {
  const message = { id: idOf(number), octets: Uint8Array.of(number), isSigned: true };
  transactions.begin(request, message, false, now);
}

/** Finds the transaction of a message that begins 3 octets into its memory. */
function find(transactions: Transactions, id: Uint8Array): Transaction | undefined {
  const layout = new StunLayout();
  layout.offset = 3;
  return transactions.find(Uint8Array.of(...new Uint8Array(11), ...id, 0), layout);
}

/** Returns what is sent or given up at each deadline, with its time. */
function schedule(transactions: Transactions): [number, 'sent' | 'given up'][] {
  const events: [number, 'sent' | 'given up'][] = [];
  while (transactions.nextAt < Number.POSITIVE_INFINITY && events.length < 10) {
    const now = transactions.nextAt;
    const over = transactions.handleDeadline(now, () => void events.push([now, 'sent']));
    if (over !== undefined) events.push([now, 'given up']);
  }
  return events;
}

describe('requests that wait', () => {
  it('[TU-01] have an ID of 12 random octets', () => {
    const id = newTransactions().newId();
    expect(id).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  });

  it('are sent once at first, and due after 0.5 s', () => {
    const transactions = new Transactions(counting);
    const message = { id: idOf(7), octets: Uint8Array.of(1, 2), isSigned: false };
    transactions.begin(permit, message, true, 1_000);
    expect(find(transactions, idOf(7))).toEqual({
      request: permit,
      id: idOf(7),
      message: Uint8Array.of(1, 2),
      isSigned: false,
      isRepeated: true,
      sent: 1,
      nextAt: 1_500,
      intervalMs: 500,
    });
  });

  it('are due after 10 s over a stream', () => {
    const transactions = newTransactions(true);
    begin(transactions, permit, 7, 1_000);
    expect(find(transactions, idOf(7))).toEqual({
      request: permit,
      id: idOf(7),
      message: Uint8Array.of(7),
      isSigned: true,
      isRepeated: false,
      sent: 1,
      nextAt: 11_000,
      intervalMs: 10_000,
    });
  });

  it('[TU-05] are found by their whole ID', () => {
    const transactions = newTransactions();
    begin(transactions, permit, 7, 1_000);
    begin(transactions, bind, 8, 1_000);
    expect(find(transactions, idOf(7))?.request).toBe(permit);
    expect(find(transactions, idOf(8))?.request).toBe(bind);
    expect(find(transactions, idOf(9))).toBeUndefined();
    expect(find(transactions, idOf(7).with(0, 99))).toBeUndefined();
  });

  it('are 64 at most', () => {
    const transactions = newTransactions();
    for (let number = 0; number < 63; number++) begin(transactions, permit, number, 1_000);
    expect(transactions.hasRoom).toBe(true);
    begin(transactions, permit, 63, 1_000);
    expect(transactions.hasRoom).toBe(false);
    transactions.end(find(transactions, idOf(0))!);
    expect(transactions.hasRoom).toBe(true);
  });

  it('are known by their kind', () => {
    const transactions = newTransactions();
    expect(transactions.has('permit')).toBe(false);
    begin(transactions, permit, 7, 1_000);
    begin(transactions, bind, 8, 1_000);
    expect(transactions.has('permit')).toBe(true);
    expect(transactions.has('bind')).toBe(true);
    expect(transactions.has('refresh')).toBe(false);
  });

  it('end one by one', () => {
    const transactions = newTransactions();
    for (const number of [7, 8, 9]) begin(transactions, permit, number, 1_000);
    const ended = find(transactions, idOf(7))!;
    transactions.end(ended);
    expect([7, 8, 9].map((number) => find(transactions, idOf(number))?.id)).toEqual([undefined, idOf(8), idOf(9)]);
    transactions.end(ended);
    expect([7, 8, 9].map((number) => find(transactions, idOf(number))?.id)).toEqual([undefined, idOf(8), idOf(9)]);
    transactions.end(find(transactions, idOf(9))!);
    expect([7, 8, 9].map((number) => find(transactions, idOf(number))?.id)).toEqual([undefined, idOf(8), undefined]);
  });

  it('end all together', () => {
    const transactions = newTransactions();
    for (const number of [7, 8]) begin(transactions, permit, number, 1_000);
    transactions.clear();
    expect(transactions.has('permit')).toBe(false);
    expect(transactions.nextAt).toBe(Number.POSITIVE_INFINITY);
    expect(find(transactions, idOf(7))).toBeUndefined();
  });

  it('have the earliest deadline of all', () => {
    const transactions = newTransactions();
    expect(transactions.nextAt).toBe(Number.POSITIVE_INFINITY);
    begin(transactions, permit, 7, 2_000);
    begin(transactions, permit, 8, 1_000);
    begin(transactions, permit, 9, 3_000);
    expect(transactions.nextAt).toBe(1_500);
  });
});

describe('retransmission', () => {
  it.each([
    ['an Allocate', allocate],
    ['a Refresh', refresh],
    ['the first CreatePermission', permitFirst],
    ['a CreatePermission', permit],
    ['a ChannelBind', bind],
  ])('[TU-04] repeats %s after 0.5, 1.5, 3.5 and 7.5 s, and gives up after 15.5 s', (_, request) => {
    const transactions = newTransactions();
    begin(transactions, request, 7, 0);
    expect(schedule(transactions)).toEqual([
      [500, 'sent'],
      [1_500, 'sent'],
      [3_500, 'sent'],
      [7_500, 'sent'],
      [15_500, 'given up'],
    ]);
  });

  it('repeats a Refresh that asks for the allocation once less, and gives up after 7.5 s', () => {
    const transactions = newTransactions();
    begin(transactions, check, 7, 0);
    expect(schedule(transactions)).toEqual([
      [500, 'sent'],
      [1_500, 'sent'],
      [3_500, 'sent'],
      [7_500, 'given up'],
    ]);
  });

  it.each([
    ['an Allocate', allocate],
    ['a Refresh that asks for the allocation', check],
  ])('[TU-04] does not repeat %s over a stream, and gives up after 10 s', (_, request) => {
    const transactions = newTransactions(true);
    begin(transactions, request, 7, 0);
    expect(schedule(transactions)).toEqual([[10_000, 'given up']]);
  });

  it('concerns the requests that are due', () => {
    const transactions = newTransactions();
    begin(transactions, permit, 7, 1);
    begin(transactions, permit, 8, 0);
    begin(transactions, permit, 9, 0);
    const sent: number[] = [];
    transactions.handleDeadline(499, ([number]) => void sent.push(number!));
    expect(sent).toEqual([]);
    transactions.handleDeadline(500, ([number]) => void sent.push(number!));
    expect(sent).toEqual([8, 9]);
    expect([7, 8].map((number) => find(transactions, idOf(number)))).toMatchObject([
      { sent: 1, nextAt: 501, intervalMs: 500 },
      { sent: 2, nextAt: 1_500, intervalMs: 1_000 },
    ]);
  });

  it('counts from when it is done, if that is late', () => {
    const transactions = newTransactions();
    begin(transactions, permit, 7, 0);
    transactions.handleDeadline(800, () => {});
    expect(transactions.nextAt).toBe(1_800);
  });

  it('gives up one request at a time, and ends it', () => {
    const transactions = newTransactions(true);
    begin(transactions, permit, 7, 1_000);
    begin(transactions, permit, 8, 0);
    begin(transactions, permit, 9, 0);
    const over = [0, 1, 2].map(() => transactions.handleDeadline(10_000, () => {})?.id);
    expect(over).toEqual([idOf(8), idOf(9), undefined]);
    expect(find(transactions, idOf(7))?.id).toEqual(idOf(7));
    expect(find(transactions, idOf(8))).toBeUndefined();
  });
});
