import { formatEndpointText } from '@navalis/address';
import { parseIsoTime } from '../scheduling/time.ts';
import { durationText, octetsText } from '../status/status-page.ts';
import type { PeerReport, PeersReport } from './peers-report.ts';

const headings = ['Address', 'State', 'Path', 'Endpoint', 'Heard', 'RTT', 'Sent', 'Received', 'Age'];

/** Formats peers for people: a line each, in columns. */
export function peersTable({ total, peers, note }: PeersReport, nowMs: number): string {
  const rows = peers.map((peer) => cells(peer, nowMs));
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const lines = [headings, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const shown =
    peers.length < total ? `${peers.length} of ${total} peers` : `${total} ${total === 1 ? 'peer' : 'peers'}`;
  return [...(peers.length === 0 ? [] : lines), note ?? shown, ''].join('\n');
}

function cells(peer: PeerReport, nowMs: number): readonly string[] {
  const { address, state, reason, path, endpoint, heardAt, roundTripMs, since, sent, received } = peer;
  const ago = (time: string): string => durationText(nowMs - parseIsoTime(time));
  return [
    address,
    reason === undefined ? state : `${state} (${reason})`,
    path ?? '-',
    endpoint === undefined ? '-' : formatEndpointText(endpoint),
    heardAt === undefined ? 'never' : `${ago(heardAt)} ago`,
    roundTripMs === undefined ? '-' : `${roundTripMs} ms`,
    `${sent.packets} (${octetsText(sent.octets)})`,
    `${received.packets} (${octetsText(received.octets)})`,
    ago(since),
  ];
}
