import { newPeersPerSecond, relayPeers } from '@navalis/relay-core';
import type { Incident } from './fleet-run.ts';
import type { MeteredRole, RoleLoad } from './load-meter.ts';

/** A limit of one machine, and how much of it the busiest one used. */
export interface Use {
  readonly what: string;
  readonly incident: string;
  readonly used: number;
  readonly limit: number;
}

interface Limit {
  readonly what: string;
  readonly role: MeteredRole;
  readonly limit: number;
  readonly used: (load: RoleLoad) => number;
}

/** The single packets that a machine with two processors carried in the laboratory (docs/performance.md), and limits of the default settings. */
const limits: readonly Limit[] = [
  { what: 'datagrams a second at one server', role: 'server', limit: 526_000, used: ({ peak }) => peak },
  { what: 'packets a second at one relay', role: 'relay', limit: 505_000, used: ({ peak }) => peak },
  {
    what: 'clients in the table of one relay',
    role: 'relay',
    limit: relayPeers,
    used: ({ mostEntries }) => mostEntries,
  },
  {
    what: 'new clients a second at one relay',
    role: 'relay',
    limit: newPeersPerSecond,
    used: ({ mostNewEntries }) => mostNewEntries,
  },
];

/** Returns how much was used of each limit at most, and in which incident: the limit that was reached first comes first. */
export function usesOf(incidents: readonly Incident[]): Use[] {
  const uses = limits.map(({ what, role, limit, used }) => {
    const all = incidents.map(({ name, servers, relays }) => ({
      what,
      incident: name,
      used: used(role === 'server' ? servers : relays),
      limit,
    }));
    return all.reduce((most, each) => (each.used > most.used ? each : most));
  });
  return uses.sort((left, right) => right.used / right.limit - left.used / left.limit);
}
