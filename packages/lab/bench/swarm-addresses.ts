import { type Ipv6Value, parseIpv4, teredoServicePrefix } from '@navalis/address';

/** The machine of the swarm, and the address at which it plays the swarm's Teredo server. */
export const swarmAddress = '198.51.100.66';
export const swarmServerAddress = '198.51.100.67';

const firstPort = 20_000;

/** The UDP port of a client of the swarm, or of a flow. */
export function portOf(index: number): number {
  return firstPort + index;
}

/** The Teredo address of a client of the swarm, which has no NAT. */
export function swarmClient(index: number): Ipv6Value {
  return {
    word0: teredoServicePrefix,
    word1: parseIpv4(swarmServerAddress)!,
    word2: ~portOf(index) & 0xffff,
    word3: ~parseIpv4(swarmAddress)! >>> 0,
  };
}
