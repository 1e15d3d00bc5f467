import type { EngineEvent, Milliseconds, OfflineReason } from '@navalis/engine';
import type { TeredoServer } from '../options.ts';

/** Returns the event of a client that goes off-line; it names the address that is silent. */
export function offlineEvent(
  reason: OfflineReason,
  { primary: server, secondary }: TeredoServer,
  retryInMs: Milliseconds,
): EngineEvent {
  return { kind: 'off-line', reason, server, ...(reason === 'secondary-silent' && { secondary }), retryInMs };
}
