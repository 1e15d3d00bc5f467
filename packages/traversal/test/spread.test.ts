import { mappedAddressOfWord, mappedPortOfWord } from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { AddressIndex } from '../src/peers/address-index.ts';
import { EndpointIndex } from '../src/peers/endpoint-index.ts';

type Words = readonly [number, number, number, number];
const plain: Words = [0x20010000, 0xcb007178, 0xefff, 0x3ffffdfe];

/** An index of 256 rows at most, and how many rows it looks at while something is done. */
interface Subject {
  add(address: Words): void;
  /** Rows looked at while each is found. */
  looks(addresses: readonly Words[]): number;
}

function subject(seed: number, which: 'addresses' | 'endpoints'): Subject {
  const memory = new Uint32Array(4 * 257);
  let looks = 0;
  let rows = 0;
  const counted = new Proxy(memory, {
    get(target, key) {
      // Each look at a row reads its last word once.
      if (Number(key) % 4 === 3) looks += 1;
      return Reflect.get(target, key);
    },
  });
  const index = new { addresses: AddressIndex, endpoints: EndpointIndex }[which](counted, 256, seededRandom(seed));
  return {
    add(address) {
      rows += 1;
      memory.set(address, 4 * rows);
      index.add(rows);
    },
    looks(addresses) {
      looks = 0;
      for (const [word0, word1, word2, word3] of addresses) {
        if (index instanceof AddressIndex) index.find({ word0, word1, word2, word3 });
        else index.find(mappedAddressOfWord(word3), mappedPortOfWord(word2));
      }
      return looks;
    },
  };
}

/** So many addresses that differ in one word only, by steps. */
function variants(count: number, word: number, step: number): Words[] {
  return Array.from(
    { length: count },
    (_, number) => plain.map((value, at) => (at === word ? (value + number * step) >>> 0 : value)) as unknown as Words,
  );
}

describe.each([
  // Half full, a probe looks at one and a half rows; four rows share a bucket, so two and a half are looked at.
  ['addresses' as const, [0, 1, 2, 3], 1.9],
  ['endpoints' as const, [2, 3], 3.2],
])('the index of %s', (which, words, most) => {
  const steps = words.flatMap((word) =>
    [1, 0x100, ...(which === 'addresses' || word === 3 ? [0x10000, 0x1000000] : [])].map(
      (step) => [word, step] as const,
    ),
  );

  it.each(steps)('[SEC-17] spreads 256 that differ in word %i by steps of %i', (word, step) => {
    const addresses = variants(256, word, step);
    for (const seed of [1, 2, 3]) {
      const index = subject(seed, which);
      for (const address of addresses) index.add(address);
      expect(index.looks(addresses) / 256, `seed ${seed}`).toBeLessThan(most);
    }
  });

  it.each(words)('[SEC-17] hides the places from anyone without its secret, by word %i', (word) => {
    const known = subject(1, which);
    known.add(plain);
    // Those that land on the place of the first under one secret.
    const colliding = variants(0x8000, word, 1).filter((address) => known.looks([address]) > 0);
    expect(colliding.length).toBeGreaterThan(40);
    const chosen = colliding.slice(0, 250);
    const other = subject(2, which);
    for (const address of chosen) other.add(address);
    expect(other.looks(chosen) / chosen.length).toBeLessThan(most);
  });
});
