import type { ClientConfiguration } from '@navalis/config';
import {
  type FirstSender,
  firstSenderOf,
  type NatKind,
  natKinds,
  type PairExtension,
  symmetricNatKinds,
} from '@navalis/nat';
import type { Findings, Verdict } from '@navalis/nat-probe';
import type { RouterFindings } from './ask-router.ts';
import type { HostFindings } from './host-findings.ts';
import type { TurnFinding } from './try-turn-servers.ts';

/**
 * The use of an extension of RFC 6081 for a client here.
 *
 * - `used`: the NAT needs it, and it is on; `off`: the NAT needs it, but the configuration switches it off.
 * - `not-needed`: the NAT works without it; `no-use`: the NAT is not of the kind that it is made for.
 * - `unknown`: the property that it depends on was not seen.
 */
export type MechanismUse = 'used' | 'off' | 'not-needed' | 'no-use' | 'unknown';

export interface Mechanisms {
  readonly symmetricNatSupport: MechanismUse;
  readonly portPreserving: MechanismUse;
  readonly sequentialPorts: MechanismUse;
  readonly hairpinning: MechanismUse;
}

/** The path between this host and clients behind NATs of one kind. `direct-own-first`: only if this host sends first. */
export type PeerReach = 'direct' | 'direct-own-first' | 'direct-peer-first' | 'turn' | 'none';

/** Everything that decides on mechanisms and reach. */
export interface Circumstances {
  readonly configuration: Pick<ClientConfiguration, 'turn'> & {
    readonly engine: Pick<ClientConfiguration['engine'], 'extensions'>;
  };
  readonly findings: Findings;
  readonly verdict: Verdict;
  readonly router: RouterFindings;
  readonly turn: readonly TurnFinding[];
  readonly host: HostFindings;
}

/** Returns true for a verdict about a symmetric NAT. */
function isSymmetric({ nat }: Verdict): boolean {
  return symmetricNatKinds.some((kind) => kind === nat);
}

export function mechanismsOf({ configuration, findings, verdict }: Circumstances): Mechanisms {
  const { symmetricNatSupport, portPreserving, sequentialPorts, hairpinning } = configuration.engine.extensions;
  const { preservesPorts, portStep } = verdict;
  const isSeen = verdict.nat !== 'blocked' && verdict.nat !== 'half-blocked';
  const behindSymmetric = (isOn: boolean, isOfUse: boolean): MechanismUse => {
    if (!isSeen) return 'unknown';
    if (!isSymmetric(verdict)) return 'not-needed';
    if (!isOfUse) return 'no-use';
    return isOn ? 'used' : 'off';
  };
  return {
    symmetricNatSupport: behindSymmetric(symmetricNatSupport, true),
    portPreserving: behindSymmetric(portPreserving, preservesPorts === true),
    sequentialPorts: behindSymmetric(sequentialPorts, portStep !== undefined),
    hairpinning: useOfHairpinning(verdict.nat === 'none' ? true : findings.hairpins, hairpinning),
  };
}

function useOfHairpinning(hairpins: boolean | undefined, isOn: boolean): MechanismUse {
  if (hairpins === undefined) return 'unknown';
  if (hairpins) return 'not-needed';
  return isOn ? 'used' : 'off';
}

/** Returns true if a client would use a TURN server here, and gets an allocation. */
export function usesTurn({ configuration, verdict, turn }: Circumstances): boolean {
  if (turn.every(({ relayed }) => relayed === undefined)) return false;
  return configuration.turn?.use === 'always' || !verdict.isUsable || isSymmetric(verdict);
}

/** Returns how peers behind each kind of NAT are reached, by the table of RFC 6081. */
export function peerReach(circumstances: Circumstances): Readonly<Record<NatKind, PeerReach>> {
  const { configuration, verdict } = circumstances;
  const extensions = pairExtensions(configuration.engine.extensions);
  const kinds = Object.keys(natKinds) as NatKind[];
  const reachOf = (peer: NatKind): PeerReach => {
    // An allocation filters by address alone (RFC 8656 section 2.3).
    if (usesTurn(circumstances)) {
      return firstSenderOf('address-restricted', peer, extensions) === 'none' ? 'none' : 'turn';
    }
    return verdict.isUsable ? directReach[firstSenderOf(ownKind(circumstances), peer, extensions)] : 'none';
  };
  return Object.fromEntries(kinds.map((kind) => [kind, reachOf(kind)])) as Record<NatKind, PeerReach>;
}

const directReach: Readonly<Record<FirstSender, PeerReach>> = {
  either: 'direct',
  own: 'direct-own-first',
  peer: 'direct-peer-first',
  none: 'none',
};

/** Returns the kind of the own NAT; what was not seen counts as the worst. A port mapping counts where it reaches the Internet. */
function ownKind({ verdict: { nat }, router }: Circumstances): NatKind {
  const isMapped = router.protocols.some((finding) => finding.kind === 'mapped' && !finding.isNested);
  switch (nat) {
    case 'none':
      return 'cone';
    case 'restricted':
    case 'port-restricted':
      return isMapped ? 'upnp-port-restricted' : 'port-restricted';
    case 'port-symmetric':
      return isMapped ? 'upnp-port-symmetric' : nat;
    case 'blocked':
    case 'half-blocked':
      return 'port-symmetric';
    default:
      return nat;
  }
}

function pairExtensions(extensions: ClientConfiguration['engine']['extensions']): readonly PairExtension[] {
  const { symmetricNatSupport, portPreserving, sequentialPorts } = extensions;
  return [
    ...(symmetricNatSupport ? (['SNS', 'UPNP'] as const) : []),
    ...(portPreserving ? (['PP'] as const) : []),
    ...(sequentialPorts ? (['SPS'] as const) : []),
  ];
}
