import { describe, expect, it } from 'vitest';
import { forEachSeed } from '../src/index.ts';
import { firstContact, roughPath } from '../src/scenarios/first-contact.ts';

describe('rough paths', () => {
  it('30 % loss and 20 % reordering: every seed connects in the end', () => {
    forEachSeed(40, (seed) => {
      expect(firstContact(seed, roughPath).connectedMs).toBeGreaterThan(firstContact(seed, {}).connectedMs);
    });
  });

  it('without loss, two clients start and meet within a second', () => {
    forEachSeed(10, (seed) => expect(firstContact(seed, {}).connectedMs).toBeLessThan(1000));
  });
});
