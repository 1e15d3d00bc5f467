/**
 * Explains Teredo addresses, datagrams, hex dumps and captures (pcap, pcapng), for people and programs. Pure and total: no input
 * makes it throw, and memory is bounded whatever the input says.
 *
 * - {@link explainAddress} names the fields of an IPv6 address.
 * - {@link explainDatagram} names the elements of a UDP payload, or says why it is not Teredo.
 * - {@link explainInput} finds the datagrams in a capture or a hex dump, and explains each.
 *
 * @packageDocumentation
 */

export type { EndpointText } from '@navalis/address';
export { type AddressExplanation, explainAddress } from './address.ts';
export { explainDatagram } from './datagram/explain-datagram.ts';
export type { TrailerExplanation } from './datagram/explain-trailers.ts';
export type { DatagramExplanation } from './datagram/explanation.ts';
export type { InnerPacketExplanation } from './datagram/inner-packet.ts';
export { explainInput } from './explain-input.ts';
export type { ExplainedDatagram, ExplainedFragment, Finding, InputSummary } from './finding.ts';
