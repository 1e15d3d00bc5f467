import { formatEndpoint, formatIpv4, formatIpv6, type Ipv4Endpoint } from '@navalis/address';
import type { NatKind } from '@navalis/nat';
import type { Verdict } from '@navalis/nat-probe';
import type { MappingProtocol, ProtocolFinding } from '@navalis/port-mapping';
import type { Diagnosis } from './diagnose.ts';
import { conclusionOf, exitStatusOf } from './exit-status.ts';
import type { HostFindings } from './host-findings.ts';
import {
  type Circumstances,
  type Mechanisms,
  mechanismsOf,
  type PeerReach,
  peerReach,
  usesTurn,
} from './mechanisms.ts';

/** The output of `diagnose --json`; a stable shape, endpoints as `address:port`. */
export interface DiagnosisReport extends Verdict {
  readonly server: {
    readonly name: string;
    readonly primary: string;
    readonly secondary: string;
    /** The client that runs on this host has its address from it. */
    readonly isInUse: boolean;
  };
  readonly local: string;
  readonly mappings: readonly {
    readonly local: string;
    readonly byPrimary: string | null;
    readonly bySecondary: string | null;
  }[];
  readonly isMappedGlobal: boolean | null;
  readonly foreignAddress: string | null;
  readonly throughServer: string | null;
  readonly fromStranger: string | null;
  readonly fromOtherPort: string | null;
  readonly displacesMapping: boolean | null;
  readonly hairpins: boolean | null;
  readonly nativeTarget: string | null;
  readonly native: string | null;
  /** The host that is asked when the first one is silent. */
  readonly otherNativeTarget: string | null;
  readonly otherNative: string | null;
  /** The answer of the first native host through the next server, asked when it is silent. */
  readonly throughOtherServer: string | null;
  readonly largePackets: string | null;
  /** Octets of the largest packet that passes where those of 1280 do not. */
  readonly largestPacket: number | null;
  readonly survivedSeconds: number | null;
  readonly expiredSeconds: number | null;
  readonly refusal: string | null;
  readonly mechanisms: Mechanisms;
  /** The router's answers by each protocol; `external` of a mapping that was made and removed. */
  readonly portMapping: {
    readonly router: string | null;
    readonly protocols: readonly {
      readonly protocol: MappingProtocol;
      readonly finding: ProtocolFinding['kind'];
      readonly external: string | null;
      readonly isNested: boolean | null;
      readonly isRemoved: boolean | null;
      readonly reason: string | null;
    }[];
  };
  readonly turn: readonly {
    readonly server: string;
    readonly transport: string;
    readonly relayed: string | null;
    readonly failure: string | null;
  }[];
  /** How peers behind each kind of NAT are reached. */
  readonly peers: Readonly<Record<NatKind, PeerReach>>;
  /** The firewall in front of the tunnel interface. */
  readonly firewall: HostFindings['firewall'];
  /** The first try of programs where a name has IPv4 and IPv6 addresses. */
  readonly names: HostFindings['names'];
  /** The verdict in one sentence. */
  readonly conclusion: string;
  readonly exitStatus: number;
}

export function diagnosisReport(
  { server, isInUse, local, findings, verdict, nativeTarget, otherNativeTarget, refusal }: Diagnosis,
  circumstances: Circumstances,
): DiagnosisReport {
  const { router, turn, host } = circumstances;
  const exitStatus = exitStatusOf(verdict, usesTurn(circumstances));
  return {
    ...verdict,
    server: {
      name: server.name,
      primary: formatIpv4(server.primary),
      secondary: formatIpv4(server.secondary),
      isInUse,
    },
    local: formatIpv4(local),
    mappings: findings.mappings.map(({ local: own, byPrimary, bySecondary }) => ({
      local: text(own)!,
      byPrimary: text(byPrimary),
      bySecondary: text(bySecondary),
    })),
    isMappedGlobal: findings.isMappedGlobal ?? null,
    foreignAddress: findings.foreignAddress ?? null,
    throughServer: findings.throughServer ?? null,
    fromStranger: findings.fromUnknownAddress ?? null,
    fromOtherPort: findings.fromOtherPort ?? null,
    displacesMapping: findings.displacesMapping ?? null,
    hairpins: findings.hairpins ?? null,
    nativeTarget: nativeTarget === undefined ? null : formatIpv6(nativeTarget),
    native: findings.native ?? null,
    otherNativeTarget: otherNativeTarget === undefined ? null : formatIpv6(otherNativeTarget),
    otherNative: findings.otherNative ?? null,
    throughOtherServer: findings.throughOtherServer ?? null,
    largePackets: findings.largePackets ?? null,
    largestPacket: findings.largestPacket ?? null,
    survivedSeconds: findings.survivedSeconds ?? null,
    expiredSeconds: findings.expiredSeconds ?? null,
    refusal: refusal ?? null,
    mechanisms: mechanismsOf(circumstances),
    portMapping: {
      router: router.address === undefined ? null : formatIpv4(router.address),
      protocols: router.protocols.map(protocolReport),
    },
    turn: turn.map(({ uri, relayed, failure }) => ({
      server: `${uri.host}:${uri.port}`,
      transport: uri.transport,
      relayed: text(relayed),
      failure: failure ?? null,
    })),
    peers: peerReach(circumstances),
    firewall: host.firewall,
    names: host.names,
    conclusion: conclusionOf(exitStatus),
    exitStatus,
  };
}

function protocolReport(finding: ProtocolFinding): DiagnosisReport['portMapping']['protocols'][number] {
  const { protocol, kind } = finding;
  const mapped = kind === 'mapped' ? finding : undefined;
  return {
    protocol,
    finding: kind,
    external: text(mapped?.external),
    isNested: mapped?.isNested ?? null,
    isRemoved: mapped?.isRemoved ?? null,
    reason: kind === 'refused' ? finding.reason : null,
  };
}

function text(endpoint: Ipv4Endpoint | undefined): string | null {
  return endpoint === undefined ? null : formatEndpoint(endpoint);
}
