import type { StatusReport } from '../status/status-report.ts';
import type { Degradation } from './degradations.ts';

/** Returns the report with its degradations: a working role becomes `degraded`. */
export function degradedReport(report: StatusReport, degraded: readonly Degradation[]): StatusReport {
  const [first] = degraded;
  if (first === undefined) return report;
  if (!isAtWork(report.state)) return { ...report, degraded };
  return { ...report, state: 'degraded', since: first.since, degraded };
}

/** Returns true if a role in this state works, so that /health responds with 200. */
export function isAtWork(state: StatusReport['state']): boolean {
  return state === 'running' || state === 'qualified';
}
