import { formatEndpointText } from '@navalis/address';
import type { PeerPathKind } from '@navalis/engine';
import { natDescriptions, turnFailureSentence, turnFailures } from '@navalis/telemetry';
import { protocolNames } from '../roles/client/port-mapping/mapping-sentences.ts';
import { parseIsoTime } from '../scheduling/time.ts';
import { waitingDescriptions } from '../waiting/needs.ts';
import type { RecentPeer, RefusedReload, StatusReport } from './status-report.ts';

/** Formats a status for people: one fact per line; absent facts are omitted. */
export function statusPage(report: StatusReport, nowMs: number): string {
  const { counters, cause } = report;
  // The state names it.
  const isWaiting = report.state === 'waiting';
  const facts: [string, string | undefined][] = [
    ['State', stateText(report, nowMs)],
    ['Reason', isWaiting ? undefined : cause?.sentence],
    ['Cure', cause?.cure],
    ['Function', functionText(report, nowMs)],
    ['Evidence', report.evidence],
    ...(report.degraded ?? []).map(({ reason, sentence, cure }): [string, string] => [
      'Degraded',
      `${reason}: ${sentence} ${cure}`,
    ]),
    ['Reload', report.refusedReload && refusedText(report.refusedReload, nowMs)],
    ['Address', report.address],
    ['Server', report.serverName === undefined ? report.server : `${report.serverName} (${report.server})`],
    ['TURN', turnText(report)],
    ['Mapped', report.mapped && formatEndpointText(report.mapped)],
    ['Local', report.local && formatEndpointText(report.local)],
    ['Port mapping', mappingText(report)],
    ['NAT', natText(report)],
    ['Refresh', refreshText(report.refreshIntervalMs)],
    ['Native hosts', nativeText(report, nowMs)],
    ['Interface', report.interface],
    ['Announced', announcementText(report, nowMs)],
    ['Last day', report.sunset],
    ['Offloads', report.offloads?.join(', ') || undefined],
    ['Peers', String(report.peers)],
    ['Paths', pathsText(report)],
    ...(report.recentPeers ?? []).map((peer, index): [string, string] => [
      index === 0 ? 'Heard last' : '',
      peerText(peer, nowMs),
    ]),
    ['From network', `${counters.datagramsReceived} datagrams, ${octetsText(counters.octetsReceived)}`],
    ['To network', `${counters.datagramsSent} datagrams, ${octetsText(counters.octetsSent)}`],
    ['From host', `${counters.packetsTaken} packets`],
    ['To host', `${counters.packetsDelivered} packets`],
    ['Bubbles', `${counters.bubblesReceived} in, ${counters.bubblesSent} out`],
    ['Solicitations', solicitationsText(report)],
  ];
  const drops = Object.entries(counters.drops).map(([reason, count]): [string, string] => [reason, String(count)]);
  return [
    `teredo-${report.role} ${report.version}`,
    ...facts.filter((fact) => fact[1] !== undefined).map(([name, text]) => `  ${name.padEnd(13)} ${text}`),
    ...(drops.length === 0 ? [] : ['Dropped']),
    ...drops.map(([reason, count]) => `  ${reason.padEnd(33)} ${count}`),
    '',
  ].join('\n');
}

function stateText(report: StatusReport, nowMs: number): string {
  const { cause } = report;
  const duration = durationText(nowMs - parseIsoTime(cause?.since ?? report.since));
  if (cause === undefined) return `${report.state} for ${duration}`;
  if (report.state === 'waiting') return `waiting for ${waitingDescriptions[report.waitingFor!]} for ${duration}`;
  if (report.offlineReason === undefined) return `${report.state} (${cause.reason}) for ${duration}`;
  return `off-line (${cause.reason}) for ${duration}, ${attemptText(report, nowMs)}`;
}

function refusedText({ since, sentence }: RefusedReload, nowMs: number): string {
  return `refused ${durationText(nowMs - parseIsoTime(since))} ago. ${sentence}`;
}

/** A client without an address is off-line, also while it tries again. */
function attemptText({ state, nextAttempt }: StatusReport, nowMs: number): string {
  if (state !== 'off-line') return 'trying again';
  if (nextAttempt === undefined) return 'waiting to try again';
  return `next attempt in ${durationText(parseIsoTime(nextAttempt) - nowMs)}`;
}

function natText({ nat, isPortPreserving }: StatusReport): string | undefined {
  if (nat === undefined) return undefined;
  const isTranslating = nat !== 'none' && isPortPreserving !== undefined;
  return `${natDescriptions[nat]}${isTranslating ? `; ${isPortPreserving ? 'keeps' : 'changes'} the port` : ''}`;
}

function turnText({ turn, cause }: StatusReport): string | undefined {
  if (turn === undefined) return undefined;
  const server = `${formatEndpointText(turn.server)} over ${turn.transport.toUpperCase()}`;
  if (turn.relayed !== undefined) return `${server}, relays ${formatEndpointText(turn.relayed)}`;
  if (turn.failure === undefined) return `asking ${server}`;
  // The cause has the cure.
  const isCause = cause?.reason === 'turn-unavailable';
  return `${server}: ${isCause ? turnFailures[turn.failure].meaning : turnFailureSentence(turn.failure)}`;
}

/** A server answers solicitations, a client sends them; a relay does neither. */
function solicitationsText({ role, function: hostFunction, counters }: StatusReport): string | undefined {
  if (role === 'server') return `${counters.solicitationsReceived} in, ${counters.advertisementsSent} answered`;
  if (role !== 'client' && hostFunction !== 'client') return undefined;
  return `${counters.solicitationsSent} out, ${counters.advertisementsReceived} answers`;
}

function nativeText({ role, nativeReachability }: StatusReport, nowMs: number): string | undefined {
  if (nativeReachability === undefined) return undefined;
  const duration = durationText(nowMs - parseIsoTime(nativeReachability.since));
  if (nativeReachability.state === 'working') return `answering for ${duration}`;
  return `failing for ${duration}; run teredo-${role} diagnose for details`;
}

function refreshText(refreshIntervalMs: number | undefined): string | undefined {
  return refreshIntervalMs === undefined ? undefined : `every ${refreshIntervalMs / 1000} s at the latest`;
}

function functionText(report: StatusReport, nowMs: number): string | undefined {
  const { function: name, functionSince } = report;
  return name && `${name} for ${durationText(nowMs - parseIsoTime(functionSince!))}`;
}

/** The kinds of paths, as the ends of `3 peers ...`. */
export const pathTexts: Readonly<Record<PeerPathKind, string>> = {
  direct: 'direct',
  learned: 'to a symmetric NAT',
  'random-port': 'from a port of its own',
  'same-nat': 'behind the same NAT',
  'local-link': 'on this link',
  relay: 'through a relay',
  turn: 'through the TURN server',
  'turn-direct': 'without the TURN server',
};

function pathsText({ paths = {} }: StatusReport): string | undefined {
  const texts = (Object.entries(paths) as [PeerPathKind, number][]).map(
    ([kind, count]) => `${count} ${pathTexts[kind]}`,
  );
  return texts.join(', ') || undefined;
}

function peerText({ address, path, endpoint, heardAt }: RecentPeer, nowMs: number): string {
  return `${address}: ${pathTexts[path]}, ${formatEndpointText(endpoint)}, heard ${durationText(nowMs - parseIsoTime(heardAt))} ago`;
}

function announcementText({ announcement }: StatusReport, nowMs: number): string | undefined {
  if (announcement === undefined) return undefined;
  const { isAnnounced, table, since, sentence } = announcement;
  const duration = durationText(nowMs - parseIsoTime(since));
  return isAnnounced ? `in table ${table} for ${duration}` : `no, for ${duration}: ${sentence}`;
}

function mappingText({ portMapping }: StatusReport): string | undefined {
  return portMapping && `${formatEndpointText(portMapping)} at the router, by ${protocolNames[portMapping.protocol]}`;
}

export function octetsText(octets: number): string {
  if (octets < 10_000) return `${octets} octets`;
  if (octets < 10_000_000) return `${Math.round(octets / 1_000)} kB`;
  return `${Math.round(octets / 1_000_000)} MB`;
}

export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
