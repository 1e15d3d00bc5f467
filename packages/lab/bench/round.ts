import type { Checkouts, Contestant, Sample } from './contestants.ts';
import type { Effort, MeasureGroup, Step } from './measures.ts';
import type { StageSetting } from './scene.ts';
import { onStages, type Stage } from './stage.ts';

/** Everything that decides what one round measures. */
export interface Round {
  /** The first one is 1. */
  readonly number: number;
  readonly setting: StageSetting;
  readonly contestants: readonly Contestant[];
  readonly checkouts: Checkouts;
  readonly groups: readonly MeasureGroup[];
  readonly effort: Effort;
}

/**
 * Measures one round: every contestant has a laboratory of its own, all at the same time, and takes each step after the one
 * before it. The speed of a shared machine changes from minute to minute; within a step it is the same for all. The order
 * reverses with each round, so that no contestant gains by going first. A failed step is reported and its figures are missing.
 */
export async function measureRound(round: Round, tell: (line: string) => void): Promise<readonly Sample[]> {
  const { setting, contestants, checkouts, groups, effort } = round;
  const samples: Sample[] = [];
  await onStages(setting, contestants, checkouts, async (stages) => {
    const inOrder = round.number % 2 === 1 ? stages : stages.toReversed();
    for (const { name, withoutTunnel, steps } of groups) {
      tell(`${setting.carriage}: ${name}`);
      const fitting = inOrder.filter(({ contestant }) => withoutTunnel || contestant !== 'link');
      for (const step of steps(effort)) for (const stage of fitting) await take(name, step, stage);
    }
  });
  return samples;

  async function take(name: string, step: Step, stage: Stage): Promise<void> {
    const { contestant } = stage;
    try {
      await step(stage, (measure, value) =>
        samples.push({ ...setting, round: round.number, contestant, measure, group: name, value }),
      );
    } catch (error) {
      tell(`${contestant}, ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
