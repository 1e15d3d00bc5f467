import type { Decoder } from './decoder.ts';
import { attackDecoder, decoders } from './decoders.ts';
import { Dice } from './dice.ts';
import { roles, startsAt, storyOf } from './stories.ts';
import { live } from './story.ts';

/** Inputs for one decoder that share a seed; small, so that a finding is soon seen again. */
const inputsPerSeed = 10_000;
const longestStory = 60;

/** One piece of work, which its seed decides on entirely. */
export type Task =
  | { readonly kind: 'decoder'; readonly name: string; readonly seed: number; readonly inputs: number }
  | { readonly kind: 'story'; readonly name: string; readonly seed: number };

export interface Found {
  readonly task: Task;
  readonly sentence: string;
}

/** Tasks that add up to so many inputs over all decoders and so many stories over all roles. */
export function* tasks(inputs: number, stories: number, seed: number): Generator<Task> {
  for (const [index, { name }] of decoders.entries()) {
    let left = Math.floor(inputs / decoders.length) + (index < inputs % decoders.length ? 1 : 0);
    for (let part = 0; left > 0; part++) {
      const count = Math.min(left, inputsPerSeed);
      yield { kind: 'decoder', name, seed: seed + part, inputs: count };
      left -= count;
    }
  }
  for (let story = 0; story < stories; story++) {
    yield { kind: 'story', name: roles[story % roles.length]!, seed: seed + Math.floor(story / roles.length) };
  }
}

/** Does one task; returns its findings, with the seed that reproduces them. */
export function perform(task: Task, among: readonly Decoder[] = decoders): Found | undefined {
  const dice = new Dice(task.seed);
  try {
    if (task.kind === 'decoder') {
      const decoder = among.find(({ name }) => name === task.name)!;
      for (let input = 0; input < task.inputs; input++) attackDecoder(decoder, dice);
    } else {
      const role = roles.find((each) => each === task.name)!;
      live(storyOf(role, dice), dice, 1 + dice.below(longestStory), startsAt);
    }
    return undefined;
  } catch (error) {
    return { task, sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
