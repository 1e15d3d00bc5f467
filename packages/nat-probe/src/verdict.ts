import { type Ipv4Endpoint, ipv4EndpointEquals } from '@navalis/address';
import { classifyNat, type NamedBehaviour, nameNat } from '@navalis/nat';
import { longestSequenceStep } from './choices.ts';
import type { Findings, SocketMapping } from './findings.ts';
import type { Limit, Verdict, VerdictName } from './names.ts';
import { hairpinAdvice, wordsOn } from './words.ts';

/** Returns the conclusion for a client with or without support for symmetric NATs (RFC 6081 5.2). */
export function verdictOf(findings: Findings, symmetricNatSupport = false): Verdict {
  const seen = seenOf(findings.mappings);
  const step = stepOf(seen);
  const behaviour = behaviourOf(findings, seen, step);
  const nat = nameOf(findings, seen, behaviour);
  const isSymmetric = behaviour !== undefined && classifyNat(behaviour) === 'symmetric';
  const isSupported = behaviour !== undefined && (!isSymmetric || symmetricNatSupport);
  const isUsable = isSupported && findings.isMappedGlobal !== false;
  const limits = isUsable ? limitsOf(findings, isSymmetric) : [];
  const portStep = nat === 'sequential-symmetric' ? step : undefined;
  const { meaning, advice } = wordsOn({ nat, limits, isUsable, isSymmetric }, findings);
  return {
    nat,
    isUsable,
    limits,
    preservesPorts: preservesPorts(findings.mappings),
    portStep,
    meaning,
    advice: findings.hairpins === false && advice === '' ? hairpinAdvice : advice,
  };
}

function limitsOf(
  { throughServer, native, displacesMapping, largePackets }: Findings,
  isSymmetric: boolean,
): readonly Limit[] {
  const limits: Limit[] = [];
  if (throughServer === 'filtered') limits.push('server-forwards-nothing');
  if (native === 'silent') limits.push('native-silent');
  if (displacesMapping === true) limits.push('input-displaces-mapping');
  if (native === 'relay-only') limits.push('relay-unheard');
  if (isSymmetric) limits.push('symmetric-nat');
  if (largePackets === 'filtered') limits.push('large-packets-lost');
  if (throughServer === 'unknown' || native === 'unknown' || largePackets === 'unknown') limits.push('unclear');
  return limits;
}

/** A socket that both addresses of the server have seen. */
interface Seen {
  readonly local: Ipv4Endpoint;
  readonly byPrimary: Ipv4Endpoint;
  readonly bySecondary: Ipv4Endpoint;
}

function nameOf({ mappings }: Findings, seen: readonly Seen[], behaviour: NamedBehaviour | undefined): VerdictName {
  if (behaviour === undefined) return mappings.some(hasAnswer) ? 'half-blocked' : 'blocked';
  const isUntranslated = behaviour.mapping === 'endpoint-independent' && seen.every(isOwn);
  return isUntranslated ? 'none' : nameNat(behaviour);
}

/**
 * Returns what the NAT was seen to do; undefined unless both addresses of the server have seen a socket. The server says
 * on one port only where it sees a socket, so a mapping that depends on the address alone is not told apart.
 */
function behaviourOf(findings: Findings, seen: readonly Seen[], step: number | undefined): NamedBehaviour | undefined {
  if (seen.length === 0) return undefined;
  const isOneForAll = seen.every(({ byPrimary, bySecondary }) => ipv4EndpointEquals(byPrimary, bySecondary));
  return {
    mapping: isOneForAll ? 'endpoint-independent' : 'address-and-port-dependent',
    filtering: filteringOf(findings),
    portAssignment: portAssignmentOf(seen, step),
    pooling: new Set(mappedOf(seen).map(({ address }) => address)).size > 1 ? 'arbitrary' : 'paired',
  };
}

function filteringOf({ fromUnknownAddress, fromOtherPort }: Findings): NamedBehaviour['filtering'] {
  if (fromUnknownAddress === 'passes') return 'endpoint-independent';
  if (fromUnknownAddress !== 'filtered') return undefined;
  if (fromOtherPort === 'passes') return 'address-dependent';
  return fromOtherPort === 'filtered' ? 'address-and-port-dependent' : undefined;
}

function seenOf(mappings: readonly SocketMapping[]): readonly Seen[] {
  return mappings.flatMap(({ local, byPrimary, bySecondary }) =>
    byPrimary === undefined || bySecondary === undefined ? [] : [{ local, byPrimary, bySecondary }],
  );
}

function portAssignmentOf(seen: readonly Seen[], step: number | undefined): NamedBehaviour['portAssignment'] {
  const keepsOne = ({ local, byPrimary, bySecondary }: Seen): boolean =>
    byPrimary.port === local.port || bySecondary.port === local.port;
  if (seen.every(keepsOne)) return 'preserving';
  return step === undefined ? 'random' : 'sequential';
}

/** The usual step between mapped ports in their order; undefined when they do not follow each other. */
function stepOf(seen: readonly Seen[]): number | undefined {
  const ports = mappedOf(seen)
    .map(({ port }) => port)
    .sort((one, other) => one - other);
  const steps = ports.slice(1).map((port, index) => port - ports[index]!);
  if (steps.length < 3) return undefined;
  // A sequence may begin again once, at the end of the range.
  const ordinary = steps.filter((step) => step > 0 && step <= longestSequenceStep);
  return ordinary.length >= steps.length - 1 ? Math.min(...ordinary) : undefined;
}

function preservesPorts(mappings: readonly SocketMapping[]): boolean | undefined {
  const answered = mappings.flatMap(({ local, byPrimary, bySecondary }) => {
    const mapped = byPrimary ?? bySecondary;
    return mapped === undefined ? [] : [mapped.port === local.port];
  });
  return answered.length === 0 ? undefined : answered.every((isKept) => isKept);
}

function mappedOf(seen: readonly Seen[]): Ipv4Endpoint[] {
  return seen.flatMap(({ byPrimary, bySecondary }) => [byPrimary, bySecondary]);
}

function hasAnswer({ byPrimary, bySecondary }: SocketMapping): boolean {
  return byPrimary !== undefined || bySecondary !== undefined;
}

/** Returns true if the server sees the socket's own endpoint. */
function isOwn({ local, byPrimary }: Seen): boolean {
  return ipv4EndpointEquals(local, byPrimary);
}
