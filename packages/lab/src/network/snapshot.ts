import type { Namespace } from './namespace.ts';

/** Fields that change by themselves. */
const passing = new Set(['tentative', 'valid_life_time', 'preferred_life_time', 'expires', 'used', 'age']);

/** Interfaces, addresses, routes of all tables and rules of a machine, to be compared by value. */
export function networkSnapshot(host: Namespace): unknown {
  return lasting({
    addresses: host.ipJson('addr', 'show'),
    ipv4Routes: host.ipJson('-4', 'route', 'show', 'table', 'all'),
    ipv6Routes: host.ipJson('-6', 'route', 'show', 'table', 'all'),
    ipv4Rules: host.ipJson('-4', 'rule', 'show'),
    ipv6Rules: host.ipJson('-6', 'rule', 'show'),
  });
}

function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !passing.has(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, lasting(inner)]));
}
