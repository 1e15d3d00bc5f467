import type { EngineEvent } from '@navalis/engine';
import { EventNarrator } from '@navalis/telemetry';
import type { DataPlaneObserver } from '../../worker/data-plane-handle.ts';
import type { ControlContext } from './role-control.ts';

/** Writes what an engine reports to the log, and ends the program when the data plane does. */
export function narratingObserver(subject: string, context: ControlContext): DataPlaneObserver {
  const narrator = new EventNarrator(subject);
  return {
    event(event: EngineEvent) {
      const { level, sentence, fields } = narrator.describe(event);
      context.logger[level](fields, sentence);
    },
    failed: context.fail,
  };
}
