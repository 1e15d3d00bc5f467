import type { Sample } from './contestants.ts';
import type { Effort, MeasureGroup } from './measures.ts';
import { onStage, type Setting } from './stage.ts';

/** One contestant, once over, on a laboratory of its own. A measure that fails is told and missing, not fatal. */
export async function measureOnce(
  setting: Setting,
  groups: readonly MeasureGroup[],
  effort: Effort,
  tell: (line: string) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const fitting = groups.filter(({ withoutTunnel }) => withoutTunnel || setting.contestant !== 'link');
  if (fitting.length === 0) return samples;
  await onStage(setting, async (stage) => {
    for (const { name, run } of fitting) {
      try {
        await run(stage, effort, (measure, value) => samples.push({ ...setting, measure, value }));
      } catch (error) {
        tell(`${setting.contestant}, ${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
  return samples;
}
