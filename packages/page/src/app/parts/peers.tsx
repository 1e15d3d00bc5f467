import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Explanations, Peer, Peers, RecentPeer, Status } from '../../facts.ts';
import { endpoint, octets, since, whole } from '../model/format.ts';
import type { PeersView } from '../model/monitor.ts';

interface PeersProps {
  readonly status: Status;
  readonly peers: Peers | undefined;
  readonly explanations: Explanations | undefined;
  readonly now: number;
  readonly show: (view: PeersView) => void;
}

const sorts: readonly (readonly [value: string, text: string])[] = [
  ['heard', 'heard last'],
  ['sent', 'most sent'],
  ['received', 'most received'],
  ['age', 'oldest'],
];

/** The columns by their heading, and the classes of their cells: `wide` ones are shown in wide windows only. */
const columns: readonly (readonly [heading: string, kind: string | undefined])[] = [
  ['Peer', undefined],
  ['Path', 'wide'],
  ['Endpoint', 'wide'],
  ['Heard', 'number'],
  ['Round trip', 'number wide'],
  ['Received', 'number wide'],
  ['Sent', 'number wide'],
];

/** One part of the list of peers, with the way to the others. */
export function PeersSection({ status, peers, explanations, now, show }: PeersProps): VNode {
  const [sort, setSort] = useState('heard');
  /** The cursors that lead to the part shown. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const turnTo = (nextSort: string, next: readonly string[]) => {
    setSort(nextSort);
    setCursors(next);
    show({ sort: nextSort, after: next.at(-1) });
  };
  const rows = peers?.peers ?? (status.recentPeers ?? []).map(recentPeer);
  const total = peers?.total ?? status.peers;
  return (
    <section class="peers" aria-labelledby="peers">
      <div class="heading">
        <h2 id="peers">
          Peers <span class="count">{whole(total)}</span>
        </h2>
        {peers !== undefined && (
          <label>
            Order{' '}
            <select value={sort} onChange={({ currentTarget }) => turnTo(currentTarget.value, [])}>
              {sorts.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {rows.length === 0 ? (
        <p class="muted">No peer was heard lately.</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map(([heading, kind]) => (
                <th key={heading} scope="col" class={kind}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((peer) => (
              <PeerRow key={peer.address} peer={peer} explanations={explanations} now={now} />
            ))}
          </tbody>
        </table>
      )}
      {(cursors.length > 0 || peers?.next !== undefined) && (
        <nav aria-label="Pages of peers">
          <button type="button" disabled={cursors.length === 0} onClick={() => turnTo(sort, cursors.slice(0, -1))}>
            Back
          </button>
          <span class="muted">page {cursors.length + 1}</span>
          <button
            type="button"
            disabled={peers?.next === undefined}
            onClick={() => turnTo(sort, [...cursors, peers!.next!])}
          >
            Next
          </button>
        </nav>
      )}
    </section>
  );
}

function recentPeer({ address, path, endpoint: place, heardAt }: RecentPeer): Peer {
  return { address, state: 'established', path, endpoint: place, heardAt };
}

interface PeerRowProps {
  readonly peer: Peer;
  readonly explanations: Explanations | undefined;
  readonly now: number;
}

/** A phone shows the columns for wide windows as a second line. */
function PeerRow({ peer, explanations, now }: PeerRowProps) {
  const { address, state, reason, path, endpoint: place, heardAt, roundTripMs, sent, received } = peer;
  const way = path && (explanations?.paths[path] ?? path);
  const how = state === 'established' ? way : `${state}${reason === undefined ? '' : `: ${reason}`}`;
  const roundTrip = roundTripMs === undefined ? undefined : `${Math.round(roundTripMs)} ms`;
  const amounts = received && sent && `${octets(received.octets)} in, ${octets(sent.octets)} out`;
  return (
    <tr>
      <td>
        <span class="code">{address}</span>
        <small>{[how, endpoint(place), roundTrip, amounts].filter((part) => part !== undefined).join(' · ')}</small>
      </td>
      <td class="wide">{how}</td>
      <td class="wide code">{endpoint(place)}</td>
      <td class="number">{heardAt === undefined ? 'never' : `${since(heardAt, now)} ago`}</td>
      <td class="number wide">{roundTrip}</td>
      <td class="number wide">{received && octets(received.octets)}</td>
      <td class="number wide">{sent && octets(sent.octets)}</td>
    </tr>
  );
}
