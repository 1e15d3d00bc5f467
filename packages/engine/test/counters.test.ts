import { describe, expect, it } from 'vitest';
import { Counters, dropReasonNames, dropReasons, peerColumnCount, peerColumns } from '../src/index.ts';

describe('counters', () => {
  it('start at nothing', () => {
    const { drops, ...totals } = new Counters().snapshot();
    expect(drops).toEqual({});
    expect(Object.keys(totals)).toContain('datagramsReceived');
    expect(new Set(Object.values(totals))).toEqual(new Set([0]));
    expect(new Counters().dropsFor('not-for-us')).toBe(0);
  });

  it('show every total under its own name', () => {
    const counters = new Counters();
    const names = Object.keys(counters.snapshot()).filter((name) => name !== 'drops');
    const writable = counters as unknown as Record<string, number>;
    for (const [index, name] of names.entries()) writable[name] = index + 1;
    const snapshot = counters.snapshot() as unknown as Record<string, number>;
    expect(names.map((name) => snapshot[name])).toEqual(names.map((_, index) => index + 1));
  });

  it('count drops by reason and show those that occurred', () => {
    const counters = new Counters();
    counters.drop('nonce-mismatch');
    counters.drop('rate-limited', 64);
    counters.drop('rate-limited');
    expect(counters.snapshot().drops).toEqual({ 'nonce-mismatch': 1, 'rate-limited': 65 });
    expect(counters.dropsFor('rate-limited')).toBe(65);
    expect(counters.dropsFor('not-for-us')).toBe(0);
  });

  it('give a snapshot that later counting leaves alone', () => {
    const counters = new Counters();
    const before = counters.snapshot();
    counters.datagramsSent++;
    counters.drop('not-for-us');
    expect(before.datagramsSent).toBe(0);
    expect(before.drops).toEqual({});
  });
});

describe('the columns of a peer', () => {
  it('are 16, in one place each', () => {
    expect(Object.values(peerColumns)).toEqual(Array.from({ length: 16 }, (_, column) => column));
    expect(peerColumnCount).toBe(16);
  });
});

describe('drop reasons', () => {
  it('are labels that metrics and JSON take as they are, each with a row of the checklist', () => {
    expect(dropReasonNames.length).toBeGreaterThan(50);
    for (const name of dropReasonNames) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(dropReasons[name]).toMatch(/^[A-Z][A-Z0-9]*(-[A-Z])?-\d\d$/);
    }
  });

  it('of the codecs and of the engines do not hide each other', () => {
    expect(dropReasonNames).toContain('nonce-mismatch');
    expect(new Set(dropReasonNames).size).toBe(dropReasonNames.length);
    const counters = new Counters();
    for (const name of dropReasonNames) counters.drop(name);
    expect(Object.keys(counters.snapshot().drops)).toEqual(dropReasonNames);
  });
});
