import { formatEndpoint, formatIpv4 } from '@navalis/address';
import type { ClientConfiguration } from '@navalis/config';
import type { NatKind } from '@navalis/nat';
import type { ProtocolFinding } from '@navalis/port-mapping';
import { turnFailureSentence } from '@navalis/telemetry';
import { listed, protocolNames } from '../roles/client/port-mapping/mapping-sentences.ts';
import type { RouterFindings } from './ask-router.ts';
import { line } from './diagnosis-page.ts';
import type { Mechanisms, MechanismUse, PeerReach } from './mechanisms.ts';
import type { TurnFinding } from './try-turn-servers.ts';

const notSeen = 'not seen';
const notSymmetric = 'not needed: the NAT is not symmetric';

const texts: Readonly<Record<keyof Mechanisms, Readonly<Record<MechanismUse, string>>>> = {
  symmetricNatSupport: {
    used: 'needed and on: relays and peers with RFC 6081 find this host',
    off: 'needed, but off: set symmetric-nat-support to true',
    'not-needed': 'not needed by this NAT, but by peers behind symmetric ones',
    'no-use': notSeen,
    unknown: notSeen,
  },
  portPreserving: {
    used: 'on: the NAT keeps ports, so that peers behind port-restricted NATs find this host',
    off: 'off, although the NAT keeps ports: set port-preserving-nat-support to true',
    'not-needed': notSymmetric,
    'no-use': 'of no use: the NAT changes ports',
    unknown: notSeen,
  },
  sequentialPorts: {
    used: 'on: the ports follow each other, so that the next one can be predicted',
    off: 'off, although the ports follow each other: set sequential-nat-support to true',
    'not-needed': notSymmetric,
    'no-use': 'of no use: the ports do not follow each other',
    unknown: notSeen,
  },
  hairpinning: {
    used: 'the NAT does not connect them, so clients tell each other their local addresses',
    off: 'the NAT does not connect them: set hairpinning-support to true, or use local-discovery',
    'not-needed': 'nothing needed: hosts behind the NAT reach each other through it',
    'no-use': notSeen,
    unknown: notSeen,
  },
};

export function mechanismLines(
  mechanisms: Mechanisms,
  router: RouterFindings,
  turn: readonly TurnFinding[],
  { portMapping }: Pick<ClientConfiguration, 'portMapping'>,
): readonly string[] {
  return [
    line('Symmetric', texts.symmetricNatSupport[mechanisms.symmetricNatSupport]),
    line('Preserving', texts.portPreserving[mechanisms.portPreserving]),
    line('Sequential', texts.sequentialPorts[mechanisms.sequentialPorts]),
    line('Same NAT', texts.hairpinning[mechanisms.hairpinning]),
    ...named('Port mapping', routerTexts(router, portMapping === 'off')),
    ...named('TURN', turn.length === 0 ? ['not tried: the key turn names no server'] : turn.map(turnText)),
  ];
}

/** Lines of which the first has a name. */
function named(name: string, all: readonly string[]): readonly string[] {
  return all.map((text, index) => line(index === 0 ? name : '', text));
}

function routerTexts({ address, protocols }: RouterFindings, isOff: boolean): readonly string[] {
  if (address === undefined) return ['not tried: no router is on the way to the server'];
  const router = `the router at ${formatIpv4(address)}`;
  if (!isOff) return protocols.map((finding) => `${protocolNames[finding.protocol]}: ${findingText(finding)}`);
  const spoken = protocols.filter(({ kind }) => kind === 'speaks').map(({ protocol }) => protocolNames[protocol]);
  if (spoken.length === 0) return [`not asked for (port-mapping is "off"); ${router} speaks no protocol for it`];
  return [`not asked for; ${router} speaks ${listed(spoken, 'and')}: set port-mapping to "auto" to use that`];
}

function findingText(finding: ProtocolFinding): string {
  switch (finding.kind) {
    case 'silent':
      return 'no answer';
    case 'refused':
      return `refused: ${finding.reason}`;
    case 'speaks':
      return 'the router speaks it, but port-mapping names another protocol';
    case 'mapped': {
      const { external, isNested, isRemoved } = finding;
      const nested = isNested ? ', which is not global: another NAT stands before the router' : '';
      return `the router mapped ${formatEndpoint(external)}${nested} (${isRemoved ? 'removed again' : 'it did not confirm the removal'})`;
    }
  }
}

function turnText({ uri, relayed, failure }: TurnFinding): string {
  const server = `${uri.host}:${uri.port} over ${uri.transport.toUpperCase()}`;
  if (relayed !== undefined) return `${server} relays ${formatEndpoint(relayed)}`;
  if (failure === 'name-not-resolved') return `${server}: the name does not resolve to an IPv4 address.`;
  return `${server}: ${turnFailureSentence(failure!)}`;
}

const reachTexts: Readonly<Record<PeerReach, string>> = {
  direct: 'directly',
  'direct-own-first': 'directly, if this host sends first',
  'direct-peer-first': 'directly, if the peer sends first',
  turn: 'through the TURN server',
  none: 'not, or only by chance',
};

/** The table of peers by the kind of their NAT. */
export function reachLines(reach: Readonly<Record<NatKind, PeerReach>>): readonly string[] {
  const rows = Object.entries(reach) as [NatKind, PeerReach][];
  return [
    '',
    'Peers with RFC 6081 behind a NAT of each kind reach this host, and are reached:',
    ...rows.map(([kind, how]) => `  ${kind.padEnd(26)} ${reachTexts[how]}`),
    'A peer that uses a TURN server counts as address-restricted.',
  ];
}
