import type { Ipv4Endpoint } from '@navalis/address';
import { longestSequenceStep } from './choices.ts';
import type { Findings, SocketMapping } from './findings.ts';

/**
 * The kinds of RFC 6081 figure 1, as far as they can be told without UPnP, and what is no NAT at all.
 *
 * - `none`: the server sees the host's own address and port.
 * - `cone`, `address-restricted`, `port-restricted`: one mapping for all; they differ in whom they let in.
 * - `port-preserving-symmetric`, `sequential-symmetric`, `port-symmetric`, `address-symmetric`: a mapping for each
 *   destination; they differ in how the mapped port and address are chosen.
 * - `restricted`: one mapping for all, but whom it lets in could not be seen.
 * - `blocked`: no answer from the server at all; `half-blocked`: from one of its addresses only.
 */
export type NatName =
  | 'none'
  | 'cone'
  | 'address-restricted'
  | 'port-restricted'
  | 'restricted'
  | 'port-preserving-symmetric'
  | 'sequential-symmetric'
  | 'port-symmetric'
  | 'address-symmetric'
  | 'half-blocked'
  | 'blocked';

export interface Verdict {
  readonly nat: NatName;
  /** Whether a Teredo client works here (RFC 4380 alone). */
  readonly isUsable: boolean;
  /** Every mapped port seen was the local one. */
  readonly preservesPorts: boolean | undefined;
  /** Step from one mapped port to the next, when they follow each other. */
  readonly portStep: number | undefined;
  /** For the user: what it means for reaching others. */
  readonly meaning: string;
  /** For the user: what would help; empty when nothing needs to. */
  readonly advice: string;
}

export function verdictOf(findings: Findings): Verdict {
  const nat = nameOf(findings);
  const { meaning, advice } = words[nat];
  const portStep = stepOf(findings.mappings);
  return {
    nat,
    isUsable: ['none', 'cone', 'address-restricted', 'port-restricted', 'restricted'].includes(nat),
    preservesPorts: preservesPorts(findings.mappings),
    portStep: nat === 'sequential-symmetric' ? portStep : undefined,
    meaning,
    advice: findings.hairpins === false && advice === '' ? hairpinAdvice : advice,
  };
}

const hairpinAdvice =
  'Two hosts behind this NAT do not reach each other through it: let both use local discovery on their network.';

const symmetricAdvice =
  'Forward a UDP port to this host on the router and set it as bind-port, switch the router to endpoint-independent mapping ("full cone"), or use native IPv6.';

const words: Readonly<Record<NatName, { readonly meaning: string; readonly advice: string }>> = {
  none: {
    meaning: 'There is no NAT: everybody on the IPv6 Internet and every Teredo client can reach this host.',
    advice: '',
  },
  cone: {
    meaning: 'The NAT lets everybody in who knows the mapping: everybody can reach this host, at once.',
    advice: '',
  },
  'address-restricted': {
    meaning:
      'The NAT lets those in whose address this host sent to first: the first contact takes one exchange of bubbles, then everybody can reach this host.',
    advice: '',
  },
  'port-restricted': {
    meaning:
      'The NAT lets those in whose address and port this host sent to first: the first contact takes one exchange of bubbles; only hosts behind symmetric NATs cannot reach this one.',
    advice: '',
  },
  restricted: {
    meaning:
      'The NAT keeps one mapping for all, so that Teredo works; whom it lets in could not be seen, because the server forwards no bubbles.',
    advice: '',
  },
  'port-preserving-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination and keeps the port where it can: a Teredo client gets no address here.',
    advice: symmetricAdvice,
  },
  'sequential-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, with ports that follow each other: a Teredo client gets no address here.',
    advice: symmetricAdvice,
  },
  'port-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, with ports that nobody can foresee: a Teredo client gets no address here.',
    advice: symmetricAdvice,
  },
  'address-symmetric': {
    meaning:
      'The NAT makes a mapping for each destination, even with different addresses: a Teredo client gets no address here.',
    advice: symmetricAdvice,
  },
  'half-blocked': {
    meaning: "Only one of the server's two addresses answers, so that a Teredo client cannot tell what NAT there is.",
    advice: 'Try another server, or ask its operator whether both addresses are up.',
  },
  blocked: {
    meaning: 'No answer came: a firewall stops UDP to port 3544, or the server is down.',
    advice: 'Allow outgoing UDP to port 3544 on the firewall, or try another server.',
  },
};

function nameOf({ mappings, fromStranger, fromOtherPort }: Findings): NatName {
  const seen = mappings.filter(({ byPrimary, bySecondary }) => byPrimary !== undefined && bySecondary !== undefined);
  if (seen.length === 0) return mappings.some(hasAnswer) ? 'half-blocked' : 'blocked';
  if (seen.some(({ byPrimary, bySecondary }) => !isSame(byPrimary, bySecondary))) return symmetricNameOf(seen);
  if (seen.every(({ local, byPrimary }) => isSame(local, byPrimary))) return 'none';
  if (fromStranger === 'passes') return 'cone';
  if (fromStranger !== 'filtered' || fromOtherPort === undefined || fromOtherPort === 'unknown') return 'restricted';
  return fromOtherPort === 'passes' ? 'address-restricted' : 'port-restricted';
}

function symmetricNameOf(seen: readonly SocketMapping[]): NatName {
  if (new Set(mappedOf(seen).map(({ address }) => address)).size > 1) return 'address-symmetric';
  const keepsOne = ({ local, byPrimary, bySecondary }: SocketMapping): boolean =>
    byPrimary?.port === local.port || bySecondary?.port === local.port;
  if (seen.every(keepsOne)) return 'port-preserving-symmetric';
  return stepOf(seen) === undefined ? 'port-symmetric' : 'sequential-symmetric';
}

/** The usual step between mapped ports in their order; undefined when they do not follow each other. */
function stepOf(mappings: readonly SocketMapping[]): number | undefined {
  const ports = mappedOf(mappings)
    .map(({ port }) => port)
    .sort((one, other) => one - other);
  const steps = ports.slice(1).map((port, index) => port - ports[index]!);
  if (steps.length < 3) return undefined;
  // A sequence may begin anew once, at the end of the range.
  const ordinary = steps.filter((step) => step > 0 && step <= longestSequenceStep);
  return ordinary.length >= steps.length - 1 ? Math.min(...ordinary) : undefined;
}

function preservesPorts(mappings: readonly SocketMapping[]): boolean | undefined {
  const seen = mappings.filter(hasAnswer);
  if (seen.length === 0) return undefined;
  return seen.every(({ local, byPrimary, bySecondary }) => (byPrimary ?? bySecondary)?.port === local.port);
}

function mappedOf(mappings: readonly SocketMapping[]): Ipv4Endpoint[] {
  return mappings
    .flatMap(({ byPrimary, bySecondary }) => [byPrimary, bySecondary])
    .filter((each) => each !== undefined);
}

function hasAnswer({ byPrimary, bySecondary }: SocketMapping): boolean {
  return byPrimary !== undefined || bySecondary !== undefined;
}

function isSame(one: Ipv4Endpoint | undefined, other: Ipv4Endpoint | undefined): boolean {
  return one !== undefined && other !== undefined && one.address === other.address && one.port === other.port;
}
