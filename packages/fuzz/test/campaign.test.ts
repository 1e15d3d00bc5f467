import { describe, expect, it } from 'vitest';
import { perform, tasks } from '../src/campaign.ts';
import type { Decoder } from '../src/decoder.ts';
import { decoders } from '../src/decoders.ts';
import { Dice } from '../src/dice.ts';
import { roles, startsAt, storyOf } from '../src/stories.ts';
import { live } from '../src/story.ts';

const { NAVALIS_SEED } = process.env;
const seed = Number(NAVALIS_SEED ?? Date.now() % 2 ** 31);

function findingsOf(inputs: number, stories: number): string[] {
  return [...tasks(inputs, stories, seed)].flatMap((task) => {
    const found = perform(task);
    return found === undefined ? [] : [`${task.name}:${task.seed} ${found.sentence}`];
  });
}

describe('hostile input', () => {
  it(`[WF-29][SEC-18] never makes a decoder throw or return an impossible value (seed ${seed})`, () => {
    expect(findingsOf(400_000, 0)).toEqual([]);
  });

  it(`[SEC-18][SEC-23] never makes an engine throw, pass a bound, deliver for a false source, or amplify (seed ${seed})`, () => {
    expect(findingsOf(0, 1200)).toEqual([]);
    // Pure computation, slow only where several suites share the processors.
  }, 240_000);
});

describe('the campaign', () => {
  it('adds up to the requested numbers, spread over all decoders and roles', () => {
    const all = [...tasks(100_003, 9, 1)];
    const inputs = all.flatMap((task) => (task.kind === 'decoder' ? [task.inputs] : []));
    expect(inputs.reduce((sum, count) => sum + count, 0)).toBe(100_003);
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set([...decoders.map(({ name }) => name), ...roles]));
    expect(all.filter(({ kind }) => kind === 'story')).toHaveLength(9);
  });

  it('does the same with the same seed', () => {
    const lengths = (): number[] => {
      const seen: number[] = [];
      const spy: Decoder = { ...decoders[0]!, read: (_, length) => void seen.push(length) };
      perform({ kind: 'decoder', name: spy.name, seed: 5, inputs: 100 }, [spy]);
      return seen;
    };
    expect(lengths()).toEqual(lengths());
    expect(new Set(lengths()).size).toBeGreaterThan(10);
  });

  it('reports the error of a decoder', () => {
    const weak: Decoder = {
      ...decoders[0]!,
      read: (bytes, length) => {
        if (length > 40 && bytes[0] === 0x60 && bytes[6] === 58 && bytes[40] === 0xff) throw new Error('boom');
      },
    };
    const found = perform({ kind: 'decoder', name: weak.name, seed: 1, inputs: 200_000 }, [weak]);
    expect(found?.sentence).toContain('boom');
  });

  it.each(roles)('stories of a %s reach the behaviour that they test', (role) => {
    const reached = { delivered: 0, sent: 0, reasons: new Set<string>() };
    for (let story = 0; story < 60; story++) {
      const dice = new Dice(story);
      const { engine, ...rest } = storyOf(role, dice);
      live({ engine, ...rest }, dice, 60, startsAt);
      const { counters } = engine.status();
      reached.delivered += counters.packetsDelivered;
      reached.sent += counters.datagramsSent;
      for (const reason of Object.keys(counters.drops)) reached.reasons.add(reason);
    }
    expect(reached.delivered).toBeGreaterThan(3);
    expect(reached.sent).toBeGreaterThan(20);
    expect(reached.reasons.size).toBeGreaterThan(10);
  });
});
