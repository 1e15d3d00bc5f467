import { type Ipv4Endpoint, ipv4EndpointEquals } from '@navalis/address';
import { longestSequenceStep } from './choices.ts';
import type { Findings, SocketMapping } from './findings.ts';
import type { Limit, NatName, Verdict } from './names.ts';
import { hairpinAdvice, wordsOn } from './words.ts';

export function verdictOf(findings: Findings): Verdict {
  const nat = nameOf(findings);
  const isUsable = usableNats.includes(nat) && findings.isMappedGlobal !== false;
  const limits = isUsable ? limitsOf(findings) : [];
  const portStep = nat === 'sequential-symmetric' ? stepOf(seenOf(findings.mappings)) : undefined;
  const { meaning, advice } = wordsOn(nat, limits, findings);
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

/** A socket that both addresses of the server have seen. */
interface Seen {
  readonly local: Ipv4Endpoint;
  readonly byPrimary: Ipv4Endpoint;
  readonly bySecondary: Ipv4Endpoint;
}

function nameOf({ mappings, fromStranger, fromOtherPort }: Findings): NatName {
  const seen = seenOf(mappings);
  if (seen.length === 0) return mappings.some(hasAnswer) ? 'half-blocked' : 'blocked';
  if (seen.some(({ byPrimary, bySecondary }) => !ipv4EndpointEquals(byPrimary, bySecondary)))
    return symmetricNameOf(seen);
  if (seen.every(({ local, byPrimary }) => ipv4EndpointEquals(local, byPrimary))) return 'none';
  if (fromStranger === 'passes') return 'cone';
  if (fromStranger !== 'filtered') return 'restricted';
  if (fromOtherPort === 'passes') return 'address-restricted';
  return fromOtherPort === 'filtered' ? 'port-restricted' : 'restricted';
}

function seenOf(mappings: readonly SocketMapping[]): readonly Seen[] {
  return mappings.flatMap(({ local, byPrimary, bySecondary }) =>
    byPrimary === undefined || bySecondary === undefined ? [] : [{ local, byPrimary, bySecondary }],
  );
}

function symmetricNameOf(seen: readonly Seen[]): NatName {
  if (new Set(mappedOf(seen).map(({ address }) => address)).size > 1) return 'address-symmetric';
  const keepsOne = ({ local, byPrimary, bySecondary }: Seen): boolean =>
    byPrimary.port === local.port || bySecondary.port === local.port;
  if (seen.every(keepsOne)) return 'port-preserving-symmetric';
  return stepOf(seen) === undefined ? 'port-symmetric' : 'sequential-symmetric';
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
