import type { RandomSource } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { EndpointRows, noRow } from '../src/client/endpoint-rows.ts';
import { ipv4 } from './world.ts';

const address = ipv4('203.0.113.0');
const port = 40_000;

/** Fills with one octet, so that the secret is the same in either byte order. */
function filledWith(octet: number): RandomSource {
  return { fill: (target) => void target.fill(octet) };
}

function rowsOf(capacity: number, octet = 0xa5): EndpointRows {
  return new EndpointRows(capacity, filledWith(octet));
}

/** Returns which of 64 addresses or ports share the bucket of the first one: its row is found after it was renamed. */
function bucketMates(rows: EndpointRows, of: 'address' | 'port'): number[] {
  const row = rows.add(address, port, 0);
  return Array.from({ length: 64 }, (_, step) => step).filter((step) => {
    const other = of === 'address' ? address + step : address;
    const otherPort = of === 'port' ? port + step : port;
    rows.addresses[row] = other;
    rows.ports[row] = otherPort;
    return rows.find(other, otherPort) === row;
  });
}

/** In 16 buckets, and with the secret of these tests, the endpoints of these ports share one. */
const sharedBucket = [40_000, 40_005, 40_012] as const;

function rowsWithChain(): EndpointRows {
  const rows = rowsOf(16);
  for (const each of sharedBucket) rows.add(address, each, 0);
  return rows;
}

function found(rows: EndpointRows): number[] {
  return sharedBucket.map((each) => rows.find(address, each));
}

describe('rows of endpoints', () => {
  it('are empty at first', () => {
    const rows = rowsOf(4);
    expect(noRow).toBe(-1);
    expect(rows.count).toBe(0);
    expect([0, 1, 2, 3].map((row) => rows.isTaken(row))).toEqual([false, false, false, false]);
    expect(rows.find(address, port)).toBe(-1);
    expect(rows.find(0, 0)).toBe(-1);
  });

  it('keep the endpoint and the time it was added', () => {
    const rows = rowsOf(2);
    expect(rows.add(address, port, 17)).toBe(0);
    expect(rows.add(0xffff_ffff, 65_535, 18.5)).toBe(1);
    expect([...rows.addresses]).toEqual([0xcb00_7100, 0xffff_ffff]);
    expect([...rows.ports]).toEqual([40_000, 65_535]);
    expect([...rows.usedAt]).toEqual([17, 18.5]);
    expect([rows.isTaken(0), rows.isTaken(1)]).toEqual([true, true]);
    expect(rows.count).toBe(2);
  });

  it('are found by address and port together', () => {
    // One bucket: nothing but the comparison decides.
    const rows = rowsOf(1);
    rows.add(address, port, 0);
    expect(rows.find(address, port)).toBe(0);
    expect(rows.find(address + 1, port)).toBe(-1);
    expect(rows.find(address, port + 1)).toBe(-1);
  });

  it('take no more endpoints than the capacity, and the lowest free row again', () => {
    const rows = rowsOf(3);
    expect([0, 1, 2, 3].map((step) => rows.add(address + step, port, 0))).toEqual([0, 1, 2, -1]);
    expect(rows.count).toBe(3);
    expect(rows.find(address + 3, port)).toBe(-1);
    rows.remove(1);
    expect(rows.count).toBe(2);
    expect([0, 1, 2].map((row) => rows.isTaken(row))).toEqual([true, false, true]);
    expect(rows.find(address + 1, port)).toBe(-1);
    expect(rows.add(address + 9, port, 5)).toBe(1);
    expect(rows.find(address + 9, port)).toBe(1);
    expect(rows.count).toBe(3);
  });

  it.each([
    ['first', 0, [-1, 1, 2]],
    ['middle', 1, [0, -1, 2]],
    ['last', 2, [0, 1, -1]],
  ] as const)('stay found when the %s one of their bucket is removed', (_, removed, expected) => {
    const rows = rowsWithChain();
    expect(found(rows)).toEqual([0, 1, 2]);
    rows.remove(removed);
    expect(found(rows)).toEqual(expected);
    expect(rows.add(address, sharedBucket[removed], 0)).toBe(removed);
    expect(found(rows)).toEqual([0, 1, 2]);
  });

  it('are all forgotten when cleared', () => {
    const rows = rowsWithChain();
    rows.clear();
    expect(rows.count).toBe(0);
    expect([0, 1, 2].map((row) => rows.isTaken(row))).toEqual([false, false, false]);
    expect(found(rows)).toEqual([-1, -1, -1]);
    expect(rows.add(address, sharedBucket[2], 0)).toBe(0);
    expect(found(rows)).toEqual([-1, -1, 0]);
  });
});

describe('buckets of endpoints', () => {
  const ofAddresses = [0, 2, 9, 21, 27, 39];
  const ofPorts = [0, 5, 12, 20, 36, 41, 49, 56, 61];
  const all = Array.from({ length: 64 }, (_, step) => step);

  it.each([
    ['addresses', 9, 'address', ofAddresses],
    ['addresses', 16, 'address', ofAddresses],
    ['ports', 9, 'port', ofPorts],
    ['ports', 16, 'port', ofPorts],
  ] as const)('spread %s over a power of two that holds the capacity %d', (_, capacity, of, expected) => {
    expect(bucketMates(rowsOf(capacity), of)).toEqual(expected);
  });

  it('number one for one row, and two for two', () => {
    expect(bucketMates(rowsOf(1), 'address')).toEqual(all);
    expect(bucketMates(rowsOf(2), 'port').slice(0, 12)).toEqual([0, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 20]);
  });

  it('depend on a secret of 32 bits', () => {
    const lengths: number[] = [];
    const rows = new EndpointRows(16, {
      fill: (target) => {
        lengths.push(target.length);
        target.fill(0x5a);
      },
    });
    expect(lengths).toEqual([4]);
    expect(bucketMates(rows, 'address')).toEqual([0, 22, 47, 49]);
  });
});
