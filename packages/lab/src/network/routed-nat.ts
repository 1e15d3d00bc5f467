import { parseIpv4 } from '@navalis/address';
import type { NatBehaviour } from '@navalis/nat';
import type { Laboratory } from '../laboratory.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';
import type { Translation } from '../user-space-nat/packet-translator.ts';
import type { Namespace } from './namespace.ts';

/** A NAT that a program of the laboratory makes of a router. */
export interface RoutedNatOptions {
  readonly behaviour: NatBehaviour;
  /** Interface towards the Internet. */
  readonly outside: string;
  /** Interface towards the private network. */
  readonly inside: string;
  /** An address of the /24 inside. */
  readonly host: string;
  /** Addresses on the Internet that belong to the NAT alone, as many as the behaviour has. */
  readonly addresses: readonly string[];
}

const tunnel = 'nat';
/** Routes what comes from inside. */
const insideTable = 100;

/**
 * Has a program translate addresses, for the kinds of NAT that Linux cannot be. The router sends it what comes from inside and
 * what comes to the NAT's addresses, and forwards what it gives back.
 */
export async function translateInUserSpace(
  laboratory: Laboratory,
  router: Namespace,
  { behaviour, outside, inside, host, addresses }: RoutedNatOptions,
): Promise<void> {
  router.setting('net/ipv4/ip_forward', '1');
  for (const each of ['all', 'default']) router.setting(`net/ipv4/conf/${each}/rp_filter`, '0');
  router.setting(`net/ipv4/neigh/${outside}/proxy_delay`, '0');
  router.ip(
    `tuntap add dev ${tunnel} mode tun`,
    `link set ${tunnel} up`,
    `route add default dev ${tunnel} table ${insideTable}`,
    `rule add iif ${inside} lookup ${insideTable}`,
    ...addresses.flatMap((address) => [
      `route add ${address} dev ${tunnel}`,
      `neigh add proxy ${address} dev ${outside}`,
    ]),
  );
  const translation: Translation = {
    behaviour,
    inside: parseIpv4(host)!,
    outside: addresses.map((address) => parseIpv4(address)!),
    seed: router.label,
  };
  const program = Program.start(laboratory, router, {
    name: `user-space NAT on ${router.label}`,
    command: process.execPath,
    args: [repositoryPath('packages/lab/dist/user-space-nat.js'), tunnel, JSON.stringify(translation)],
  });
  await program.line(/translating/);
}
