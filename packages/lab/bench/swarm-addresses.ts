import { type Ipv6Value, parseIpv4, teredoServicePrefix } from '@navalis/address';

/** The machine of the swarm, and the address at which it plays the swarm's Teredo server. */
export const swarmAddress = '198.51.100.66';
export const swarmServerAddress = '198.51.100.67';

/** More addresses of a swarm that has more clients than ports. */
const moreSwarmAddresses = ['198.51.100.68', '198.51.100.69', '198.51.100.70'];

const firstPort = 20_000;
const portsPerAddress = 40_000;

/** Returns the addresses of so many clients. */
export function swarmAddresses(clients: number): readonly string[] {
  return [swarmAddress, ...moreSwarmAddresses].slice(0, Math.ceil(clients / portsPerAddress));
}

/** The UDP port of a client of the swarm, or of a flow. */
export function portOf(index: number): number {
  return firstPort + (index % portsPerAddress);
}

/** The Teredo address of a client of the swarm, which has no NAT. */
export function swarmClient(index: number): Ipv6Value {
  return {
    word0: teredoServicePrefix,
    word1: parseIpv4(swarmServerAddress)!,
    word2: ~portOf(index) & 0xffff,
    word3: ~parseIpv4(swarmAddresses(index + 1).at(-1)!)! >>> 0,
  };
}
