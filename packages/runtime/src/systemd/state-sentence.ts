import { disabledDescription, offlineDescription } from '@navalis/telemetry';
import type { StatusReport } from '../status/status-report.ts';
import { waitingDescriptions } from '../waiting/needs.ts';

/** Returns the state of a role and its reason as one sentence, for a line beside its name. */
export function stateSentence(report: StatusReport): string {
  const { state, address, evidence, degraded = [] } = report;
  switch (state) {
    case 'initial':
    case 'starting':
      return offlineSentence(report) ?? 'Starting.';
    case 'waiting': {
      const what = report.waitingFor === undefined ? 'the network' : waitingDescriptions[report.waitingFor];
      return `Waiting for ${what}${evidence === undefined ? '' : ` (${evidence})`}.`;
    }
    case 'off-line':
      return offlineSentence(report) ?? 'Off-line.';
    case 'disabled': {
      const { disabledReason } = report;
      return disabledReason === undefined
        ? 'Not using Teredo.'
        : `Not using Teredo: ${disabledDescription(disabledReason, evidence)}.`;
    }
    case 'degraded': {
      const [first, ...more] = degraded;
      if (first === undefined) return 'Degraded: the tunnel interface is being created again.';
      return `Degraded: ${first.sentence}${more.length === 0 ? '' : ` ${more.length} more: see status.`}`;
    }
    case 'qualified':
      return `Teredo address ${address}${report.server === undefined ? '' : `, server ${report.server}`}.`;
    case 'running':
      return address === undefined ? 'Running.' : `Running with ${address}.`;
    case 'stopped':
      return 'Stopped.';
  }
}

function offlineSentence({ offlineReason, server }: StatusReport): string | undefined {
  if (offlineReason === undefined) return undefined;
  return `Off-line: ${offlineDescription(offlineReason, server ?? 'of this client')}.`;
}
