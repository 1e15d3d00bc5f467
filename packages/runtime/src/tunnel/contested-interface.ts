import type { Degradations } from '../health/degradations.ts';

/** Says that another program undoes each restore; `evidence` names what it changed last. */
export function raiseContested(
  degradations: Pick<Degradations, 'raise'>,
  interfaceName: string,
  evidence: string,
): void {
  degradations.raise('interface', {
    sentence: `Another program keeps changing interface ${interfaceName}: it undoes each restore.`,
    evidence,
    cure: 'Have that program, such as a network manager, leave the interface alone.',
  });
}
