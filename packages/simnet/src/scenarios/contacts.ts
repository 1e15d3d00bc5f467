import type { Milliseconds } from '@navalis/engine';
import { type NatKind, natAbbreviations, natKinds, needOf, type PairNeed } from '@navalis/nat';
import { allExtensions, type Extensions } from '@navalis/traversal';
import { DatagramLayout, isBubble, readDatagram } from '@navalis/wire';
import { formatDistribution, formatTable, percentile } from '../report.ts';
import { forEachSeed } from '../seeds.ts';
import { connect, pairOf } from './pair.ts';

const kinds = Object.keys(natKinds) as NatKind[];

/** Times of first contacts: for each pair median and 99th percentile, and over all pairs that need the same. */
export function contactTimes(seeds: number, loss: number): string {
  const byNeed: Partial<Record<PairNeed, Milliseconds[]>> = {};
  const cellOf = (from: NatKind, to: NatKind): string => {
    const times: Milliseconds[] = [];
    forEachSeed(seeds, (seed) => {
      const outcome = connect(pairOf(from, to, { seed, loss }));
      if (outcome.kind === 'connected') times.push(outcome.contactMs);
    });
    if (times.length === 0) return '-';
    byNeed[needOf(from, to)] = [...(byNeed[needOf(from, to)] ?? []), ...times];
    const sorted = times.sort((left, right) => left - right);
    return [0.5, 0.99].map((share) => (percentile(sorted, share) / 1000).toFixed(2)).join('/');
  };
  const rows = kinds.map((from) => [natAbbreviations[from], ...kinds.map((to) => cellOf(from, to))]);
  const table = formatTable([['from \\ to', ...kinds.map((kind) => natAbbreviations[kind])], ...rows]);
  return [table, '', formatDistribution(byNeed as Record<string, Milliseconds[]>)].join('\n');
}

/** The cost of contacts after silences: bubbles through servers for each, and the times of the first answers. */
export interface ServerLoad {
  readonly bubblesPerContact: number;
  readonly contactsMs: readonly Milliseconds[];
}

const silenceMs = 40_000;
const contactsPerPair = 20;

/** Two clients that were connected speak again after 40 s of silence, 20 times, in which bubbles through servers count. */
export function serverLoad(from: NatKind, to: NatKind, seeds: number, extensions: Extensions): ServerLoad {
  let [bubbles, contacts] = [0, 0];
  const contactsMs: Milliseconds[] = [];
  forEachSeed(seeds, (seed) => {
    const pair = pairOf(from, to, { seed, extensions });
    const { net, alice, bob } = pair;
    if (connect(pair).kind !== 'connected') return;
    let isCounted = false;
    net.public.observers.push(({ payload }, { name }) => {
      if (isCounted && name.startsWith('server') && carriesBubble(payload)) bubbles++;
    });
    for (let contact = 0; contact < contactsPerPair; contact++) {
      net.run(silenceMs);
      isCounted = true;
      const ping = alice.ping(bob, 1000);
      net.until('an answer', () => ping.answeredAt !== undefined, 30_000);
      net.run(2000);
      isCounted = false;
      contacts++;
      contactsMs.push(ping.answeredAt! - ping.startedAt);
    }
  });
  return { bubblesPerContact: contacts === 0 ? 0 : bubbles / contacts, contactsMs };
}

/** The load of pairs with and without server load reduction, as a table. */
export function serverLoads(seeds: number): string {
  const pairs: readonly [NatKind, NatKind][] = [
    ['port-restricted', 'port-restricted'],
    ['cone', 'port-symmetric'],
    ['address-restricted', 'port-symmetric'],
    ['upnp-port-symmetric', 'upnp-port-restricted'],
    ['port-preserving-symmetric', 'port-restricted'],
    ['sequential-symmetric', 'port-restricted'],
  ];
  const rows = pairs.map(([from, to]) => {
    const [on, off] = [true, false].map((serverLoadReduction) =>
      serverLoad(from, to, seeds, { ...allExtensions, serverLoadReduction }),
    );
    return [`${natAbbreviations[from]} to ${natAbbreviations[to]}`, ...[off!, on!].map(textOf)];
  });
  return formatTable([['', 'without', 'with'], ...rows]);
}

function textOf({ bubblesPerContact, contactsMs }: ServerLoad): string {
  const sorted = [...contactsMs].sort((left, right) => left - right);
  return `${bubblesPerContact.toFixed(1)} (${Math.round(percentile(sorted, 0.5))} ms)`;
}

function carriesBubble(payload: Uint8Array): boolean {
  const layout = new DatagramLayout();
  return readDatagram(payload, 0, payload.length, layout) === undefined && isBubble(payload, layout.packetOffset);
}
