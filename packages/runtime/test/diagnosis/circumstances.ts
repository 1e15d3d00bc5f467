import { type Ipv4Endpoint, parseIpv4 } from '@navalis/address';
import { type Findings, noFindings, type SocketMapping, verdictOf } from '@navalis/nat-probe';
import type { RouterFindings } from '../../src/diagnosis/ask-router.ts';
import type { Circumstances } from '../../src/diagnosis/mechanisms.ts';

export const local: Ipv4Endpoint = { address: parseIpv4('192.168.1.5')!, port: 5000 };
export const mapped: Ipv4Endpoint = { address: parseIpv4('203.0.113.9')!, port: 7000 };

const allOn: Circumstances['configuration']['engine']['extensions'] = {
  symmetricNatSupport: true,
  portPreserving: true,
  sequentialPorts: true,
  hairpinning: true,
  serverLoadReduction: true,
};

export const noRouter: RouterFindings = { address: undefined, protocols: [] };

/** Findings where the server sees one socket, the same by both addresses, unless they say else. */
export function findings(more: Partial<Findings>): Findings {
  const main: SocketMapping = { local, byPrimary: mapped, bySecondary: mapped };
  return { ...noFindings, mappings: [main], ...more };
}

/** Circumstances with all extensions but those that are off, without router and TURN server. */
export function circumstancesOf(
  found: Findings,
  more: Partial<Circumstances> = {},
  off: Partial<typeof allOn> = {},
): Circumstances {
  const extensions = { ...allOn, ...off };
  const verdict = verdictOf(found, extensions.symmetricNatSupport);
  const configuration = { turn: undefined, engine: { extensions } };
  return {
    configuration,
    findings: found,
    verdict,
    router: noRouter,
    turn: [],
    host: { firewall: 'guards', names: 'ipv4-first' },
    ...more,
  };
}
