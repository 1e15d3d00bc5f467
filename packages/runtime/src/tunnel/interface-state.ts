import { formatIpv6, parseIpv6 } from '@navalis/address';

/** The state of an interface at one moment. */
export interface InterfaceState {
  readonly isUp: boolean;
  /** Octets. */
  readonly mtu: number;
  /** The kernel's switch of this interface. */
  readonly isIpv6Disabled: boolean;
  /** IPv6 was switched off for all interfaces. */
  readonly isIpv6DisabledEverywhere: boolean;
  readonly addresses: readonly string[];
  readonly routes: readonly StateRoute[];
}

interface StateRoute {
  /** As in a plan. */
  readonly destination: string;
  /** Only for packets from this address. */
  readonly source?: string;
  readonly metric: number;
}

/**
 * Returns the commands whose output `parseInterfaceState` reads, for one `ip -6 -json` process. The link comes last: after it
 * `ip` shows no addresses any more. Without it `ip` shows nothing for a link without IPv6, such as below MTU 1280.
 */
export function stateCommands(name: string): readonly (readonly string[])[] {
  return [
    ['address', 'show', 'dev', name],
    ['route', 'show', 'dev', name],
    ['link', 'show', 'dev', name],
  ];
}

/**
 * Parses the output: one JSON array per line. Operators decide the length of the lists.
 * @throws SyntaxError for anything else.
 */
export function parseInterfaceState(
  text: string,
  switches: Pick<InterfaceState, 'isIpv6Disabled' | 'isIpv6DisabledEverywhere'>,
): InterfaceState {
  const [addresses, routes, links] = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as readonly IpObject[]);
  const link = links?.[0];
  if (addresses === undefined || routes === undefined || link?.flags === undefined || link.mtu === undefined) {
    throw new SyntaxError('The output of ip has no flags or no MTU.');
  }
  return {
    ...switches,
    isUp: link.flags.includes('UP'),
    mtu: link.mtu,
    addresses: addresses.flatMap(({ addr_info = [] }) => addr_info.map(({ local = '' }) => canonical(local))),
    routes: routes.map(({ dst = '', from, metric = 0 }) => ({
      destination: canonicalPrefix(dst),
      ...(from !== undefined && { source: canonical(from) }),
      metric,
    })),
  };
}

/** The fields in use of links, addresses and routes in `ip -json`. */
interface IpObject {
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly addr_info?: readonly { readonly local?: string }[];
  readonly dst?: string;
  readonly from?: string;
  readonly metric?: number;
}

function canonicalPrefix(text: string): string {
  const [address = '', length] = text.split('/');
  return length === undefined ? text : `${canonical(address)}/${length}`;
}

function canonical(text: string): string {
  const address = parseIpv6(text);
  return address === undefined ? text : formatIpv6(address);
}
