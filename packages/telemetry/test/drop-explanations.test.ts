import { dropReasonNames } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { dropExplanations, dropExplanationsOf } from '../src/index.ts';

describe('the explanations of drop reasons', () => {
  it('[SEC-42] are complete, and no more than complete', () => {
    expect(Object.keys(dropExplanations).toSorted()).toEqual([...dropReasonNames].toSorted());
  });

  it.each(['client', 'server', 'relay', 'host-relay'])('[SEC-42] have whole sentences for a %s, too', (role) => {
    const texts = dropExplanationsOf(role);
    expect(Object.keys(texts)).toEqual(Object.keys(dropExplanations));
    for (const { meaning, cause, cure } of Object.values(texts)) {
      for (const text of [meaning, cause, cure]) expect(text).toMatch(/^[A-Z].{10,}\.$/);
    }
    expect(texts).not.toEqual(dropExplanations);
  });

  it.each(dropReasonNames)('[SEC-42] describe %s and its cure in whole sentences', (reason) => {
    const { places, meaning, cause, cure } = dropExplanations[reason];
    expect(places.length).toBeGreaterThan(0);
    for (const text of [meaning, cause, cure]) expect(text).toMatch(/^[A-Z].{10,}\.$/);
  });
});
