import type { StatusReport } from '../status/status-report.ts';
import type { Degradation } from './degradations.ts';

/** A report with what is degraded: a role that would be at work is `degraded` instead. */
export function degradedReport(report: StatusReport, degraded: readonly Degradation[]): StatusReport {
  const [first] = degraded;
  if (first === undefined) return report;
  if (!isAtWork(report.state)) return { ...report, degraded };
  return { ...report, state: 'degraded', since: first.since, degraded };
}

/** Returns true if a role in this state works: then /health answers 200. */
export function isAtWork(state: StatusReport['state']): boolean {
  return state === 'running' || state === 'qualified';
}
