import { describe, expect, it } from 'vitest';
import { forEachSeed } from '../src/index.ts';
import { serverDeaths } from '../src/scenarios/fleet.ts';

const fleet = { clients: 160, servers: 8, deaths: 3 };
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('[CL-C-14] when 3 of 8 servers die', () => {
  it('all clients have an address again within 45 s, spread over the survivors, which see no rush', () => {
    forEachSeed(2, (seed) => {
      const { recoveredMs, survivors } = serverDeaths({ ...fleet, order: 'spread', seed });
      expect(recoveredMs).toBeLessThanOrEqual(45_000);
      expect(sum(survivors.map(({ clients }) => clients))).toBe(fleet.clients);
      // 32 on average.
      expect(Math.max(...survivors.map(({ clients }) => clients))).toBeLessThan(56);
      expect(Math.min(...survivors.map(({ clients }) => clients))).toBeGreaterThan(14);
      // Asking all survivors at once, the clients of the dead servers would double this.
      expect(sum(survivors.map(({ peakPerSecond }) => peakPerSecond))).toBeLessThan(30);
    });
  });

  it('all clients of a list in order go to the same server', () => {
    const { survivors } = serverDeaths({ ...fleet, order: 'listed', seed: 1 });
    expect(survivors.map(({ clients }) => clients)).toEqual([fleet.clients, 0, 0, 0, 0]);
  });
});
