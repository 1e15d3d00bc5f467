import type { Ipv4Value } from '@navalis/address';
import { drawShare, type RandomSource } from '@navalis/engine';
import type { ServerOrder, TeredoServer } from '../options.ts';

/**
 * Returns servers in groups of equals, in order of preference. In a listed order the addresses of one name are equals; otherwise all
 * servers are.
 */
export function groupsOf(servers: readonly TeredoServer[], order: ServerOrder): readonly (readonly TeredoServer[])[] {
  const groups: TeredoServer[][] = [];
  for (const server of servers) {
    const group = groups.find(([first]) => order !== 'listed' || isSameName(first!, server));
    if (group === undefined) groups.push([server]);
    else group.push(server);
  }
  return groups;
}

function isSameName(one: TeredoServer, other: TeredoServer): boolean {
  return one.name !== undefined && one.name === other.name;
}

/**
 * Returns servers in the order in which this client tries them: equals in a random order, so that clients spread over them. The server
 * with the address `former` comes first among its equals, so that a restarted client keeps its Teredo address.
 */
export function arranged(
  servers: readonly TeredoServer[],
  order: ServerOrder,
  random: RandomSource,
  former?: Ipv4Value,
): readonly TeredoServer[] {
  const inOrder = groupsOf(servers, order).flatMap((group) => {
    const drawn = shuffled(group, random);
    return [...drawn.filter(({ primary }) => primary === former), ...drawn.filter(({ primary }) => primary !== former)];
  });
  // A copy takes no room for more.
  return inOrder.slice();
}

/** Each order has the same probability. A single server takes no draw. */
function shuffled(servers: readonly TeredoServer[], random: RandomSource): readonly TeredoServer[] {
  const drawn = [...servers];
  for (let last = drawn.length - 1; last > 0; last--) {
    const other = Math.floor(drawShare(random) * (last + 1));
    [drawn[last], drawn[other]] = [drawn[other]!, drawn[last]!];
  }
  return drawn;
}
