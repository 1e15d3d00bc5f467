import type { Ipv4Endpoint } from '@navalis/address';
import { longestSequenceStep } from './choices.ts';
import type { Findings, SocketMapping } from './findings.ts';
import type { Limit, NatName, Verdict } from './names.ts';
import { adviceOn, hairpinAdvice, meaningOf } from './words.ts';

export function verdictOf(findings: Findings): Verdict {
  const nat = nameOf(findings);
  const isUsable = usableNats.includes(nat);
  const limits = isUsable ? limitsOf(findings) : [];
  const portStep = nat === 'sequential-symmetric' ? stepOf(findings.mappings) : undefined;
  const advice = adviceOn(nat, limits, findings.foreignAddress);
  return {
    nat,
    isUsable,
    limits,
    preservesPorts: preservesPorts(findings.mappings),
    portStep,
    meaning: meaningOf(nat, limits, findings.foreignAddress),
    advice: findings.hairpins === false && advice === '' ? hairpinAdvice : advice,
  };
}

const usableNats: readonly NatName[] = ['none', 'cone', 'address-restricted', 'port-restricted', 'restricted'];

function limitsOf({ throughServer, native, displacesMapping, largePackets }: Findings): readonly Limit[] {
  const limits: Limit[] = [];
  if (throughServer === 'filtered') limits.push('server-forwards-nothing');
  if (native === 'silent') limits.push('native-silent');
  if (displacesMapping === true) limits.push('input-displaces-mapping');
  if (native === 'relay-only') limits.push('relay-unheard');
  if (largePackets === 'filtered') limits.push('large-packets-lost');
  if (throughServer === 'unknown' || native === 'unknown' || largePackets === 'unknown') limits.push('unclear');
  return limits;
}

function nameOf({ mappings, fromStranger, fromOtherPort }: Findings): NatName {
  const seen = mappings.filter(({ byPrimary, bySecondary }) => byPrimary !== undefined && bySecondary !== undefined);
  if (seen.length === 0) return mappings.some(hasAnswer) ? 'half-blocked' : 'blocked';
  if (seen.some(({ byPrimary, bySecondary }) => !isSame(byPrimary, bySecondary))) return symmetricNameOf(seen);
  if (seen.every(({ local, byPrimary }) => isSame(local, byPrimary))) return 'none';
  if (fromStranger === 'passes') return 'cone';
  if (fromStranger !== 'filtered') return 'restricted';
  if (fromOtherPort === 'passes') return 'address-restricted';
  return fromOtherPort === 'filtered' ? 'port-restricted' : 'restricted';
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
  return one?.address === other?.address && one?.port === other?.port;
}
