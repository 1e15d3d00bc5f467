/**
 * Asks the router of the route in use for a mapping of a UDP port: by PCP (RFC 6887), NAT-PMP (RFC 6886) or UPnP IGD 1 and 2.
 *
 * - {@link PortMapper} asks for a mapping, keeps it, and removes it at the end.
 * - {@link MappingMemory} remembers the mappings to remove across runs.
 * - {@link surveyRouter} finds out what a router can do, and leaves no mapping.
 *
 * @packageDocumentation
 */

export { type MappingDropReason, mappingDropReasons } from './codec/answer-drop.ts';
export {
  MappingMemory,
  type MappingRecord,
  type MappingStore,
  type RememberedMapping,
} from './mapper/mapping-memory.ts';
export { PortMapper, type PortMapperParts } from './mapper/port-mapper.ts';
export type { MappingRefusal, MappingRoute, PortMapping, PortMappingEvent } from './mapper/port-mapping.ts';
export { type ProtocolFinding, type SurveyParts, surveyRouter } from './mapper/survey-router.ts';
export type { MapperTime, RouterPorts } from './network/network.ts';
export { type MappingProtocol, mappingProtocols } from './protocols/router-protocol.ts';
