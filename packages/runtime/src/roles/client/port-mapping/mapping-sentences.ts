import { formatEndpoint, formatIpv4 } from '@navalis/address';
import type { MappingProtocol, MappingRefusal, PortMapping, PortMappingEvent } from '@navalis/port-mapping';
import type { LogLine } from '@navalis/telemetry';

/** The protocols as people write them. */
export const protocolNames: Readonly<Record<MappingProtocol, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  upnp: 'UPnP',
};

/** Returns the log line for a change of the port mapping; `protocols` are those that the router was asked by. */
export function describeMapping(event: PortMappingEvent, protocols: readonly MappingProtocol[]): LogLine {
  switch (event.kind) {
    case 'mapped':
      return mapped(event.mapping);
    case 'restored': {
      const { mapping } = event;
      const sentence = `The router at ${formatIpv4(mapping.gateway)} had forgotten the port mapping: asked again, and got ${formatEndpoint(mapping.external)} as before.`;
      return { level: 'info', sentence, fields: { event: 'port-mapping-restored', ...fieldsOf(mapping) } };
    }
    case 'lost': {
      const { mapping } = event;
      const sentence = `The port mapping of ${formatEndpoint(mapping.external)} at the router ${formatIpv4(mapping.gateway)} has ended.`;
      return { level: 'info', sentence, fields: { event: 'port-mapping-lost', ...fieldsOf(mapping) } };
    }
    case 'foreign': {
      const { port } = event;
      const router = formatIpv4(event.gateway);
      const sentence = `The router at ${router} maps UDP port ${port}, which this host had before, to another host: leaving that mapping alone.`;
      return { level: 'info', sentence, fields: { event: 'port-mapping-foreign', router, port } };
    }
    case 'unavailable': {
      const router = formatIpv4(event.gateway);
      const sentence = event.refusals.length === 0 ? mute(router, protocols) : refused(router, event.refusals);
      return { level: 'warn', sentence, fields: { event: 'port-mapping-unavailable', router } };
    }
  }
}

function mapped(mapping: PortMapping): LogLine {
  const { protocol, gateway, external, isNested } = mapping;
  const router = formatIpv4(gateway);
  const made = `The router at ${router} maps ${formatEndpoint(external)} to this host (${protocolNames[protocol]})`;
  const fields = { event: 'port-mapped', ...fieldsOf(mapping) };
  if (!isNested) return { level: 'info', sentence: `${made}.`, fields };
  const sentence = `${made}, but ${formatIpv4(external.address)} is not a global address: another NAT stands before it, and decides who reaches this host. Make the mapping at that NAT, or set the router to bridge mode.`;
  return { level: 'warn', sentence, fields };
}

function mute(router: string, protocols: readonly MappingProtocol[]): string {
  const names = listed(
    protocols.map((protocol) => protocolNames[protocol]),
    'or',
  );
  return `The router at ${router} does not answer ${names}: continuing without a port mapping. Switch ${protocols.length === 1 ? 'it' : 'one of them'} on at the router, or set port-mapping to "off".`;
}

function refused(router: string, refusals: readonly MappingRefusal[]): string {
  const reasons = refusals.map(({ protocol, reason }) => `${protocolNames[protocol]}: ${reason}`).join('; ');
  return `The router at ${router} makes no port mapping (${reasons}): continuing without one. Allow it for this host at the router, or set port-mapping to "off".`;
}

/** Returns names as people list them. */
export function listed(names: readonly string[], conjunction: 'and' | 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}

function fieldsOf({ protocol, gateway, external }: PortMapping): LogLine['fields'] {
  return { protocol, router: formatIpv4(gateway), external: formatEndpoint(external) };
}
