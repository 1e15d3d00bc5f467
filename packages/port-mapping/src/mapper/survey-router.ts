import { randomBytes } from 'node:crypto';
import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { pcpNonceOctets } from '../codec/pcp.ts';
import { AnswerDrops } from '../network/answer-drops.ts';
import { assignedPorts, type NetworkParts } from '../network/network.ts';
import { createProtocol } from '../protocols/create-protocol.ts';
import { type MappingProtocol, mappingProtocols, type RouterProtocol } from '../protocols/router-protocol.ts';
import { isCredibleExternal } from './external-address.ts';
import type { PortMapperParts } from './port-mapper.ts';
import { gatewayOf, type MappingRoute } from './port-mapping.ts';

/** The finding about one protocol. */
export type ProtocolFinding = { readonly protocol: MappingProtocol } & (
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'refused';
      /** The router's reason, as the end of a sentence. */
      readonly reason: string;
    }
  /** The router speaks the protocol; nothing was mapped. `address` is its external one, where the protocol tells it. */
  | { readonly kind: 'speaks'; readonly address: Ipv4Value | undefined }
  /** The router made a mapping. `isNested`: its own address is not global, so that another NAT stands before it. */
  | {
      readonly kind: 'mapped';
      readonly external: Ipv4Endpoint;
      readonly isNested: boolean;
      /** Whether it confirmed the removal. */
      readonly isRemoved: boolean;
    }
);

export interface SurveyParts extends Pick<PortMapperParts, 'policy' | 'time' | 'ports'> {
  readonly route: MappingRoute;
  /** Protocols for which the port is mapped, and the mapping removed; the router is asked by the others whether it speaks them. */
  readonly mapped: readonly MappingProtocol[];
}

/** Asks a router by each protocol what it can do; leaves no mapping. A mute router takes some 6 s. Never rejects. */
export async function surveyRouter({
  route,
  mapped,
  policy,
  time,
  ports,
}: SurveyParts): Promise<readonly ProtocolFinding[]> {
  const network: NetworkParts = { time, ports: ports ?? assignedPorts, drops: new AnswerDrops() };
  const gateway = gatewayOf(route);
  const { signal } = new AbortController();
  const nonce = Uint8Array.from(randomBytes(pcpNonceOctets));
  const protocols = mappingProtocols.map((name) => createProtocol(name, gateway, nonce, network));
  for (const protocol of protocols) protocol.prepare?.(signal);
  const tryMapping = async (protocol: RouterProtocol): Promise<ProtocolFinding> => {
    const { protocol: name } = protocol;
    const outcome = await protocol.map(route.local.port, signal);
    if (outcome.kind === 'refused') return { protocol: name, kind: 'refused', reason: outcome.reason };
    // Where nothing was heard the answer may be lost, and not the request.
    const isRemoved = (await protocol.unmap(route.local.port, route.local.address, signal)) === 'removed';
    if (outcome.kind === 'silent') return { protocol: name, ...outcome };
    const { external } = outcome;
    if (!isCredibleExternal(external, gateway)) {
      return { protocol: name, kind: 'refused', reason: 'it names an external endpoint that it cannot have' };
    }
    return { protocol: name, kind: 'mapped', external, isNested: !policy.isGlobalUnicast(external.address), isRemoved };
  };
  const findings: ProtocolFinding[] = [];
  // One after the other: two mappings of one port could be one in the router.
  for (const protocol of protocols) {
    const { protocol: name } = protocol;
    const ask = async (): Promise<ProtocolFinding> =>
      mapped.includes(name) ? tryMapping(protocol) : { protocol: name, ...(await protocol.inquire(signal)) };
    const finding = await ask();
    // A host that is busy for a moment misses the answer.
    findings.push(finding.kind === 'silent' ? await ask() : finding);
  }
  return findings;
}
