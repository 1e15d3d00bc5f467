import type { Cause, StatusReport } from '../status/status-report.ts';

/** Returns the state of a role, its cause and the cure as one line, for a line beside its name. */
export function stateSentence(report: StatusReport): string {
  const { state, address, cause, degraded = [] } = report;
  switch (state) {
    case 'initial':
    case 'starting':
    case 'off-line':
      if (cause === undefined) return state === 'off-line' ? 'Off-line.' : 'Starting.';
      return `Off-line: ${continued(cause.sentence)}${curePart(cause)}`;
    case 'waiting':
      return cause === undefined ? 'Waiting for the network.' : `${cause.sentence}${curePart(cause)}`;
    case 'disabled':
      if (cause === undefined) return 'Not using Teredo.';
      return `Not using Teredo: ${continued(cause.sentence)}${curePart(cause)}`;
    case 'degraded': {
      const [first, ...more] = degraded;
      if (first === undefined) return 'Degraded: the tunnel interface is being created again.';
      return `Degraded: ${first.sentence} ${first.cure}${more.length === 0 ? '' : ` ${more.length} more: see status.`}`;
    }
    case 'qualified':
      return `Teredo address ${address}${report.server === undefined ? '' : `, server ${report.server}`}.`;
    case 'running':
      return `${address === undefined ? 'Running.' : `Running with ${address}.`}${announcementSentence(report)}`;
    case 'draining':
      return `Draining until ${report.drainsUntil}.`;
    case 'stopped':
      return 'Stopped.';
  }
}

function curePart({ cure }: Cause): string {
  return cure === undefined ? '' : ` ${cure}`;
}

/** Returns the end of the line of a relay with an announcement table. */
function announcementSentence({ announcement }: StatusReport): string {
  if (announcement === undefined) return '';
  const { isAnnounced, table, sentence } = announcement;
  return isAnnounced ? ` Announced in table ${table}.` : ` Not announced: ${continued(sentence ?? '')}`;
}

/** Returns a sentence as it is written after a colon; names keep their capitals. */
function continued(sentence: string): string {
  return /^[A-Z]{2}/.test(sentence) ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
