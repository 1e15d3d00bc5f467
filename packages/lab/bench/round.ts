import type { Contestant, Sample } from './contestants.ts';
import type { Effort, MeasureGroup, Step } from './measures.ts';
import { onStages, type Stage, type StageSetting } from './stage.ts';

/**
 * One round: every contestant has a laboratory of its own, all at the same time, and every step is one contestant's after the
 * other. The speed of a shared machine changes from minute to minute; within a step it is the same for all. A step that
 * fails is told and missing, not fatal.
 */
export async function measureRound(
  setting: StageSetting,
  contestants: readonly Contestant[],
  groups: readonly MeasureGroup[],
  effort: Effort,
  tell: (line: string) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  await onStages(setting, contestants, async (stages) => {
    for (const { name, withoutTunnel, steps } of groups) {
      tell(`${setting.carriage}: ${name}`);
      const fitting = stages.filter(({ contestant }) => withoutTunnel || contestant !== 'link');
      for (const step of steps(effort)) for (const stage of fitting) await take(name, step, stage);
    }
  });
  return samples;

  async function take(name: string, step: Step, stage: Stage): Promise<void> {
    const { contestant } = stage;
    try {
      await step(stage, (measure, value) => samples.push({ ...setting, contestant, measure, value }));
    } catch (error) {
      tell(`${contestant}, ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
