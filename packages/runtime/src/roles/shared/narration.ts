import type { EngineEvent } from '@navalis/engine';
import type { ControlEvent } from '@navalis/life';
import { EventNarrator } from '@navalis/telemetry';
import { hostEventOf } from '../../hooks/engine-events.ts';
import type { DataPlaneObserver } from '../../worker/data-plane-handle.ts';
import type { ControlContext } from './role-control.ts';

/** Observes a data plane, and takes the events of the control plane too. */
export interface NarratingObserver extends DataPlaneObserver {
  event(event: EngineEvent | ControlEvent): void;
}

/** Returns an observer that writes events to the log and tells them other programs, and ends the program when the data plane ends. */
export function narratingObserver(subject: string, context: ControlContext): NarratingObserver {
  const narrator = new EventNarrator(subject, context.role);
  return {
    event(event) {
      const { level, sentence, fields } = narrator.describe(event);
      context.logger[level](fields, sentence);
      const told = hostEventOf(event);
      if (told !== undefined) context.events.tell(told);
      context.stateChanged();
    },
    failed: context.fail,
  };
}
