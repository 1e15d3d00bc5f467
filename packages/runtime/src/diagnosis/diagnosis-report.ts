import { formatIpv4, formatIpv6, type Ipv4Endpoint } from '@navalis/address';
import type { Verdict } from '@navalis/nat-probe';
import type { Diagnosis } from './diagnose.ts';
import { exitStatusOf } from './exit-status.ts';

/** The output of `diagnose --json`; a stable shape, endpoints as `address:port`. */
export interface DiagnosisReport extends Verdict {
  readonly server: { readonly name: string; readonly primary: string; readonly secondary: string };
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
  readonly largePackets: string | null;
  readonly survivedSeconds: number | null;
  readonly expiredSeconds: number | null;
  readonly refusal: string | null;
  readonly exitStatus: number;
}

export function diagnosisReport({
  server,
  local,
  findings,
  verdict,
  nativeTarget,
  refusal,
}: Diagnosis): DiagnosisReport {
  const text = (endpoint: Ipv4Endpoint | undefined): string | null =>
    endpoint === undefined ? null : `${formatIpv4(endpoint.address)}:${endpoint.port}`;
  return {
    ...verdict,
    server: { name: server.name, primary: formatIpv4(server.primary), secondary: formatIpv4(server.secondary) },
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
    largePackets: findings.largePackets ?? null,
    survivedSeconds: findings.survivedSeconds ?? null,
    expiredSeconds: findings.expiredSeconds ?? null,
    refusal: refusal ?? null,
    exitStatus: exitStatusOf(verdict),
  };
}
