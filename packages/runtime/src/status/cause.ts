import { formatEndpointText } from '@navalis/address';
import type { OfflineReason } from '@navalis/engine';
import {
  disabledDescription,
  disabledExplanations,
  offlineDescription,
  offlineExplanationsOf,
  turnFailureDescription,
  turnFailures,
} from '@navalis/telemetry';
import { waitingCures, waitingDescriptions } from '../waiting/needs.ts';
import type { Cause, StatusReport } from './status-report.ts';

/**
 * Returns the cause of a state, which the report carries to status, health, page and service manager; undefined for a role that works,
 * starts for the first time, or is degraded, which has a list of its own.
 */
export function causeOf(report: StatusReport): Cause | undefined {
  const { state, since, offlineReason, disabledReason, waitingFor, evidence } = report;
  if (offlineReason !== undefined) {
    const { cure } = offlineExplanationsOf(report.role)[offlineReason];
    const failure = offlineReason === 'turn-unavailable' ? report.turn?.failure : undefined;
    return {
      reason: offlineReason,
      since: report.offlineSince ?? since,
      sentence: offlineSentence(report, offlineReason),
      // That of the failure itself is the better one.
      cure: (failure && turnFailures[failure].cure) ?? cure,
    };
  }
  if (state === 'disabled' && disabledReason !== undefined) {
    const { cure } = disabledExplanations[disabledReason];
    const sentence = sentenceOf(disabledDescription(disabledReason, evidence));
    return { reason: disabledReason, since, sentence, ...(cure !== undefined && { cure }) };
  }
  if (state === 'draining') {
    const sentence = `About to end: it serves until ${report.drainsUntil} what still reaches it.`;
    return { reason: 'draining', since, sentence, cure: 'Another SIGTERM or SIGINT ends it at once.' };
  }
  if (state === 'waiting' && waitingFor !== undefined) {
    const sentence = `Waiting for ${waitingDescriptions[waitingFor]}${evidence === undefined ? '' : ` (${evidence})`}.`;
    const cures = [waitingCures[waitingFor], 'The program continues by itself when it is there.'];
    return { reason: waitingFor, since, sentence, cure: cures.filter((cure) => cure !== undefined).join(' ') };
  }
  return undefined;
}

function offlineSentence({ server, turn }: StatusReport, reason: OfflineReason): string {
  if (reason !== 'turn-unavailable' || turn?.failure === undefined) {
    return sentenceOf(offlineDescription(reason, server ?? 'of this client'));
  }
  return turnFailureDescription(formatEndpointText(turn.server), turn.transport, turn.failure);
}

function sentenceOf(description: string): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
}
