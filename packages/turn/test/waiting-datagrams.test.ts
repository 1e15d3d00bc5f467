import type { Ipv4Value } from '@navalis/address';
import { createPacketRun, type PacketRun, pointRunAt } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { WaitingDatagrams } from '../src/client/waiting-datagrams.ts';
import { ipv4 } from './world.ts';

const address = ipv4('203.0.113.0');

function runOf(payload: Uint8Array): PacketRun {
  const run = createPacketRun(payload);
  pointRunAt(run, 0, payload.length);
  return run;
}

/** Adds a datagram of one octet. */
function add(waiting: WaitingDatagrams, to: Ipv4Value, port: number): number {
  return waiting.add(runOf(Uint8Array.of(port)), to, port);
}

/** Takes out the oldest datagram for an address: its port, then its octets. */
function take(waiting: WaitingDatagrams, to: Ipv4Value): [port: number, ...octets: number[]] {
  const run = createPacketRun(new Uint8Array(1));
  const port = waiting.take(to, run);
  expect([run.count, run.headerStride, run.lastPacketLength]).toEqual([1, 0, run.packetLength]);
  return [port, ...run.memory.subarray(run.offset, run.offset + run.packetLength)];
}

/** Takes out all datagrams for an address; returns their ports. */
function takeAll(waiting: WaitingDatagrams, to: Ipv4Value): number[] {
  const ports: number[] = [];
  for (let [port] = take(waiting, to); port !== 0; [port] = take(waiting, to)) ports.push(port);
  return ports;
}

/** Fills all 128 places: 8 datagrams for each of 16 addresses, in turn, with ports from 1 on. */
function fullPool(): WaitingDatagrams {
  const waiting = new WaitingDatagrams();
  for (let port = 1; port <= 128; port++) expect(add(waiting, address + (port % 16), port)).toBe(0);
  expect(waiting.count).toBe(128);
  return waiting;
}

describe('datagrams that wait for a permission', () => {
  it('are none at first', () => {
    const waiting = new WaitingDatagrams();
    expect(waiting.count).toBe(0);
    expect(take(waiting, address)).toEqual([0]);
    expect(waiting.discard(address)).toBe(0);
    expect(waiting.clear()).toBe(0);
  });

  it('are taken in order of arrival, each address by itself', () => {
    const waiting = new WaitingDatagrams();
    expect(waiting.add(runOf(Uint8Array.of(1, 2, 3)), address, 40_000)).toBe(0);
    expect(waiting.add(runOf(Uint8Array.of(4)), address + 1, 65_535)).toBe(0);
    expect(waiting.add(runOf(Uint8Array.of(5, 6)), address, 40_002)).toBe(0);
    expect(waiting.count).toBe(3);
    expect(take(waiting, address + 1)).toEqual([65_535, 4]);
    expect(waiting.count).toBe(2);
    expect(take(waiting, address)).toEqual([40_000, 1, 2, 3]);
    expect(take(waiting, address)).toEqual([40_002, 5, 6]);
    expect(take(waiting, address)).toEqual([0]);
    expect(waiting.count).toBe(0);
  });

  it('are copies of the octets that the run stands for, and of no others', () => {
    const waiting = new WaitingDatagrams();
    const memory = new Uint8Array(3_000).fill(0xee);
    const run = createPacketRun(memory);
    memory.set([1, 2, 3], 100);
    pointRunAt(run, 100, 3);
    waiting.add(run, address, 1);
    memory.set([4, 5, 6], 100);
    waiting.add(run, address, 2);
    memory.fill(0);
    expect(take(waiting, address)).toEqual([1, 1, 2, 3]);
    expect(take(waiting, address)).toEqual([2, 4, 5, 6]);
  });

  it('have 2048 octets at most, side by side', () => {
    const waiting = new WaitingDatagrams();
    expect(waiting.add(runOf(new Uint8Array(2_049)), address, 1)).toBe(1);
    expect(waiting.count).toBe(0);
    for (let port = 1; port <= 8; port++) {
      expect(waiting.add(runOf(new Uint8Array(2_048).fill(port)), address, port)).toBe(0);
    }
    for (let port = 1; port <= 8; port++) {
      expect(take(waiting, address)).toEqual([port, ...new Uint8Array(2_048).fill(port)]);
    }
  });

  it('[TU-07] are 8 at most for an address: the oldest of that address is lost', () => {
    const waiting = new WaitingDatagrams();
    add(waiting, address + 1, 99);
    for (let port = 1; port <= 8; port++) expect(add(waiting, address, port)).toBe(0);
    expect(add(waiting, address, 9)).toBe(1);
    expect(waiting.count).toBe(9);
    expect(takeAll(waiting, address)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(takeAll(waiting, address + 1)).toEqual([99]);
  });

  it('are 128 at most in all: the oldest of all is lost', () => {
    const waiting = fullPool();
    expect(add(waiting, address + 200, 200)).toBe(1);
    expect(waiting.count).toBe(128);
    // Port 1 was the oldest one; the second one stayed.
    expect(takeAll(waiting, address + 1)).toEqual([17, 33, 49, 65, 81, 97, 113]);
    expect(takeAll(waiting, address + 2)).toEqual([2, 18, 34, 50, 66, 82, 98, 114]);
    expect(takeAll(waiting, address + 200)).toEqual([200]);
  });

  it('lose the oldest of their address when that has too many and the pool is full', () => {
    const waiting = fullPool();
    expect(add(waiting, address + 2, 200)).toBe(1);
    expect(takeAll(waiting, address + 1)).toEqual([1, 17, 33, 49, 65, 81, 97, 113]);
    expect(takeAll(waiting, address + 2)).toEqual([18, 34, 50, 66, 82, 98, 114, 200]);
  });

  it('are discarded for one address', () => {
    const waiting = new WaitingDatagrams();
    for (const port of [1, 2, 3]) {
      add(waiting, address, port);
      add(waiting, address + 1, port);
    }
    expect(waiting.discard(address + 2)).toBe(0);
    expect(waiting.discard(address)).toBe(3);
    expect(waiting.count).toBe(3);
    expect(takeAll(waiting, address)).toEqual([]);
    expect(takeAll(waiting, address + 1)).toEqual([1, 2, 3]);
  });

  it.each([
    ['taken', (waiting: WaitingDatagrams, to: Ipv4Value) => takeAll(waiting, to).length],
    ['discarded', (waiting: WaitingDatagrams, to: Ipv4Value) => waiting.discard(to)],
  ])('leave their places to others when they are %s', (_, empty) => {
    const waiting = fullPool();
    expect(empty(waiting, address + 3)).toBe(8);
    for (let port = 1; port <= 8; port++) expect(add(waiting, address + 100, port)).toBe(0);
    expect(add(waiting, address + 101, 9)).toBe(1);
    expect(takeAll(waiting, address + 100)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('are all dropped at once, and leave their places to others', () => {
    const waiting = fullPool();
    expect(waiting.clear()).toBe(128);
    expect(waiting.count).toBe(0);
    expect(take(waiting, address + 1)).toEqual([0]);
    for (let port = 1; port <= 128; port++) expect(add(waiting, address + 100 + (port % 16), port)).toBe(0);
    expect(takeAll(waiting, address + 101)).toEqual([1, 17, 33, 49, 65, 81, 97, 113]);
  });
});
