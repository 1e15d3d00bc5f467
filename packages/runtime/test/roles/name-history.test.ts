import { describe, expect, it } from 'vitest';
import { NameHistory } from '../../src/roles/client/name-history.ts';

const name = 'teredo.example';
const hour = 3_600_000;

describe('the addresses that a name had', () => {
  it('[SEC-32] are no new ones for a day after the last answer with them', () => {
    const history = new NameHistory();
    expect(history.record(name, [1, 2], 0)).toBe(false);
    expect(history.record(name, [2], hour)).toBe(false);
    expect(history.record(name, [1], 24 * hour)).toBe(false);
    expect(history.record(name, [2, 3], 24 * hour)).toBe(true);
    expect(history.record(name, [3], 48 * hour)).toBe(false);
    expect(history.record(name, [1], 48 * hour + 1)).toBe(true);
    expect(history.record('other.example', [9], 0)).toBe(false);
  });

  it('are known by one of several, within a day', () => {
    const history = new NameHistory();
    history.record(name, [1], 0);
    expect(history.hadOneOf(name, [7, 1], 24 * hour)).toBe(true);
    expect(history.hadOneOf(name, [7], hour)).toBe(false);
    expect(history.hadOneOf(name, [1], 24 * hour + 1)).toBe(false);
    expect(history.hadOneOf('other.example', [1], hour)).toBe(false);
  });

  it('are bounded: the latest 256 stay', () => {
    const history = new NameHistory();
    for (let address = 0; address < 300; address++) history.record(name, [address], address);
    expect([43, 44].map((address) => history.hadOneOf(name, [address], 300))).toEqual([false, true]);
    // One that is seen again is late, too: the one after it makes room.
    history.record(name, [44, 300], 301);
    expect([44, 45].map((address) => history.hadOneOf(name, [address], 301))).toEqual([true, false]);
  });
});
