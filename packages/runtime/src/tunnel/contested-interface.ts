import type { DegradationReason } from '../health/degradation-reasons.ts';
import type { Degradations } from '../health/degradations.ts';

/** Says that another program undoes each restore; `evidence` names what it changed last. */
export function raiseContested(
  degradations: Pick<Degradations, 'raise'>,
  interfaceName: string,
  evidence: string,
  reason: DegradationReason = 'interface',
): void {
  degradations.raise(reason, {
    sentence: `Another program keeps changing interface ${interfaceName}: it undoes each restore.`,
    evidence,
    cure: 'Have that program, such as a network manager, leave the interface alone.',
  });
}
