import { type CounterSnapshot, Counters } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { Idleness } from '../src/index.ts';

function counts(packetsTaken: number, drops: CounterSnapshot['drops'] = {}): CounterSnapshot {
  return { ...new Counters().snapshot(), packetsTaken, drops };
}

describe('[CL-U-10] the idleness of a client', () => {
  it('begins when the host has sent nothing for the timeout', () => {
    const idleness = new Idleness(60_000, 5_000);
    expect(idleness.observe(true, counts(0), 64_999)).toBe(false);
    expect(idleness.observe(true, counts(0), 65_000)).toBe(true);
  });

  it('counts from the last check that found another packet, received ones aside', () => {
    const idleness = new Idleness(60_000, 0);
    expect(idleness.observe(true, counts(1), 60_000)).toBe(false);
    expect(idleness.observe(true, { ...counts(1), packetsDelivered: 9 }, 119_999)).toBe(false);
    expect(idleness.observe(true, { ...counts(1), packetsDelivered: 10 }, 120_000)).toBe(true);
  });

  it('counts from the last check that found no address', () => {
    const idleness = new Idleness(60_000, 0);
    expect(idleness.observe(false, counts(0), 300_000)).toBe(false);
    expect(idleness.observe(true, counts(0), 359_999)).toBe(false);
    expect(idleness.observe(true, counts(0), 360_000)).toBe(true);
  });

  it.each(['foreign-source', 'destination-not-allowed'] as const)(
    'does not end with packets that a kernel sends to its neighbours (%s)',
    (reason) => {
      const idleness = new Idleness(60_000, 0);
      expect(idleness.observe(true, counts(7, { [reason]: 7 }), 60_000)).toBe(true);
      expect(idleness.observe(true, counts(9, { [reason]: 8 }), 60_000)).toBe(false);
    },
  );

  it.each([
    [2_000, 1_000],
    [60_000, 6_000],
    [3_600_000, 60_000],
  ])('with a timeout of %i ms is checked every %i ms', (timeoutMs, intervalMs) => {
    expect(new Idleness(timeoutMs, 0).checkIntervalMs).toBe(intervalMs);
  });
});
