import { dropReasonNames } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { dropExplanations } from '../src/index.ts';

describe('the explanations of drop reasons', () => {
  it('[SEC-42] are complete, and no more than complete', () => {
    expect(Object.keys(dropExplanations).toSorted()).toEqual([...dropReasonNames].toSorted());
  });

  it.each(dropReasonNames)('[SEC-42] describe %s and its cure in whole sentences', (reason) => {
    const { places, meaning, cause, cure } = dropExplanations[reason];
    expect(places.length).toBeGreaterThan(0);
    for (const text of [meaning, cause, cure]) expect(text).toMatch(/^[A-Z].{10,}\.$/);
  });
});
