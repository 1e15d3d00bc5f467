import { describe, it } from 'vitest';
import { forEachSeed } from '../src/index.ts';
import { storm } from '../src/scenarios/storm.ts';

describe('a storm', () => {
  it('whatever happened for ten minutes, everybody reaches everybody afterwards', () => {
    forEachSeed(15, (seed) => void storm(seed));
  });
});
