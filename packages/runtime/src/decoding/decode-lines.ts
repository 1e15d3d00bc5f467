import { formatEndpointText } from '@navalis/address';
import type {
  AddressExplanation,
  ExplainedDatagram,
  Finding,
  InnerPacketExplanation,
  InputSummary,
  TrailerExplanation,
} from '@navalis/decode';
import { dropExplanations } from '@navalis/telemetry';
import { isoTime } from '../scheduling/time.ts';

/** Formats an address for people, a fact a line. */
export function addressLines({ address, class: kind, teredo }: AddressExplanation): readonly string[] {
  if (teredo === undefined) return [`${address} is not a Teredo address (${kind}).`];
  const { server, mapped, flags, isCone, isUsable } = teredo;
  const unusable = 'no: the port is 0, or an address that it embeds is not global unicast';
  return [
    `${address} is a Teredo address.`,
    fact('Server', server),
    fact('Mapped', formatEndpointText(mapped)),
    fact('Flags', `${flags}${isCone ? ', cone bit set' : ''}`),
    fact('Usable', isUsable ? 'yes' : unusable),
  ];
}

/** Formats a finding for people: a datagram is a line and one for each of its elements. */
export function findingLines(finding: Finding): readonly string[] {
  switch (finding.kind) {
    case 'summary':
      return summaryLines(finding);
    case 'fragment': {
      const { from, to, offset } = finding;
      return [`${placeOf(finding)}${from} > ${to}: an IPv4 fragment of UDP at octet ${offset}, not put together`];
    }
    case 'datagram':
      return datagramLines(finding);
  }
}

function datagramLines(datagram: ExplainedDatagram): readonly string[] {
  const { from, to, octets, dropReason, authentication, origin, packet, trailers = [], remainder } = datagram;
  const ends = from && to ? `${formatEndpointText(from)} > ${formatEndpointText(to)}, ` : '';
  const facts: (string | undefined)[] = [
    dropReason && fact('Dropped', `${dropReason}: ${dropExplanations[dropReason].meaning}`),
    authentication && fact('Authentication', authenticationText(authentication)),
    origin && fact('Origin', formatEndpointText(origin)),
    packet && fact('Packet', packetText(packet)),
    ...trailers.map((trailer) => fact('Trailer', trailerText(trailer))),
    remainder === undefined ? undefined : fact('Remainder', `${remainder}, which is no trailer`),
  ];
  return [`${placeOf(datagram)}${ends}${octets} octets`, ...facts.filter((each) => each !== undefined)];
}

function authenticationText(authentication: NonNullable<ExplainedDatagram['authentication']>): string {
  const { clientIdentifier, value, nonce, confirmation } = authentication;
  return [
    `nonce ${nonce}`,
    clientIdentifier === undefined ? 'no client identifier' : `client identifier ${clientIdentifier}`,
    value === undefined ? 'no authentication value' : `authentication value ${value}`,
    `confirmation ${confirmation}${confirmation === 0 ? '' : ' (the key should be renewed)'}`,
  ].join(', ');
}

function packetText({ kind, source, destination, octets, hopLimit, ...details }: InnerPacketExplanation): string {
  return [
    `${kind.replaceAll('-', ' ')} ${source} > ${destination}, ${octets} octets, hop limit ${hopLimit}`,
    ...detailTexts(kind, details),
  ].join(', ');
}

type Details = Omit<InnerPacketExplanation, 'kind' | 'source' | 'destination' | 'octets' | 'hopLimit'>;

function detailTexts(kind: InnerPacketExplanation['kind'], details: Details): readonly string[] {
  const { nextHeader, icmpv6, echo, advertisement, ports, flags } = details;
  return [
    ...(kind === 'other' ? [`next header ${nextHeader}`] : []),
    ...(icmpv6 && kind === 'icmpv6' ? [`type ${icmpv6.type}, code ${icmpv6.code}`] : []),
    ...(icmpv6?.isChecksumRight === false ? ['wrong checksum'] : []),
    ...(echo ? [`identifier ${echo.identifier}, sequence ${echo.sequence}, ${echo.dataOctets} octets of data`] : []),
    ...(advertisement?.prefixes ?? []).map((prefix) => `prefix ${prefix}`),
    ...(advertisement?.mtu === undefined ? [] : [`MTU ${advertisement.mtu}`]),
    ...(ports ? [`port ${ports.source} > ${ports.destination}`] : []),
    ...(flags ? [flags] : []),
  ];
}

function trailerText({
  type,
  name,
  value,
  endpoints,
  port,
  discovery,
  isMalformed,
  isCritical,
}: TrailerExplanation): string {
  if (isMalformed) return `${name}: malformed, ${value}; receivers ignore it`;
  switch (name) {
    case 'nonce':
      return `nonce ${value}: proves a path when it comes back`;
    case 'random-port':
      return `random port ${port}: the sender expects packets there`;
    case 'alternate-address':
      return `alternate addresses ${(endpoints ?? []).map(formatEndpointText).join(', ')}: the sender's endpoints behind its NAT`;
    case 'neighbor-discovery-option':
      return `neighbor discovery option: ${discovery}`;
    case 'unknown':
      return `unknown type ${type}${isCritical ? ', critical' : ''}, ${value}`;
  }
}

function summaryLines({
  format,
  packets,
  datagrams,
  dropped,
  fragments,
  cut,
  others,
  problem,
}: InputSummary): readonly string[] {
  const counts = [
    `${datagrams} of Teredo`,
    ...(dropped === 0 ? [] : [`of which ${dropped} would be dropped`]),
    ...(fragments === 0 ? [] : [`${fragments} IPv4 fragments of UDP`]),
    ...(cut === 0 ? [] : [`${cut} on port 3544 cut off by the capture`]),
    ...(others === 0 ? [] : [`${others} others`]),
  ].join(', ');
  const isNothing = format === 'unknown' && problem === undefined;
  const nothing = 'The input has no packet: give a capture (pcap, pcapng) or octets in hexadecimal.';
  return [
    isNothing ? nothing : `${packets} ${packets === 1 ? 'packet' : 'packets'}: ${counts}.`,
    ...(problem === undefined ? [] : [problem]),
  ];
}

function placeOf({ number, atMs }: { readonly number: number; readonly atMs?: number }): string {
  return `#${number} ${atMs === undefined ? '' : `${isoTime(atMs)} `}`;
}

function fact(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}
