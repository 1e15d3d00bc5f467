import { describe, it } from 'vitest';
import { forEachSeed } from '../src/index.ts';
import { storm } from '../src/scenarios/storm.ts';

describe('a storm', () => {
  it('after ten minutes of random failures, all hosts reach each other', () => {
    forEachSeed(15, (seed) => void storm(seed));
  });
});
