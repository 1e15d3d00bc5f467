import { causeOf } from '../status/cause.ts';
import type { StatusReport } from '../status/status-report.ts';
import type { Degradation } from './degradations.ts';

/** Returns the report with its degradations, by which a working role becomes `degraded`, and the cause of its state. */
export function degradedReport(report: StatusReport, degraded: readonly Degradation[]): StatusReport {
  const [first] = degraded;
  const cause = causeOf(report);
  const whole = { ...report, ...(cause && { cause }) };
  if (first === undefined) return whole;
  if (!isAtWork(report.state)) return { ...whole, degraded };
  return { ...whole, state: 'degraded', since: first.since, degraded };
}

/** Returns the response of `/health`: the state of a role and its reasons. */
export function healthOf(report: StatusReport): { readonly body: object; readonly isHealthy: boolean } {
  const { state, waitingFor, evidence, offlineReason, disabledReason, cause, degraded } = report;
  const { announcement, refusedReload } = report;
  const body = {
    state,
    ...(waitingFor && { waitingFor }),
    ...(offlineReason && { offlineReason }),
    ...(disabledReason && { disabledReason }),
    ...(evidence !== undefined && { evidence }),
    ...(cause && { cause }),
    ...(degraded && { degraded }),
    ...(refusedReload && { refusedReload }),
    ...(announcement && { announcement }),
  };
  return { body, isHealthy: isAtWork(state) };
}

function isAtWork(state: StatusReport['state']): boolean {
  return state === 'running' || state === 'qualified';
}
