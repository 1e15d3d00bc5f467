/**
 * Codecs of PCP, NAT-PMP and the texts of UPnP: total functions that return a value or a reason, for tests and for programs that
 * speak the protocols themselves.
 *
 * - {@link readPcpAnswer} and {@link writePcpMapRequest} for PCP (RFC 6887).
 * - {@link readNatPmpAnswer} and {@link writeNatPmpMapRequest} for NAT-PMP (RFC 6886).
 * - {@link readSsdpAnswer}, {@link readDeviceDescription} and {@link readSoapAnswer} for UPnP.
 *
 * @packageDocumentation
 */

export { type CodecDrop, type MappingDropReason, mappingDropReasons } from './codec/answer-drop.ts';
export {
  type ConnectionService,
  type ConnectionServiceType,
  type DeviceDescription,
  readDeviceDescription,
  serviceTypes,
} from './codec/device-description.ts';
export {
  type NatPmpAnswer,
  type NatPmpMapRequest,
  readNatPmpAnswer,
  writeNatPmpAddressRequest,
  writeNatPmpMapRequest,
} from './codec/nat-pmp.ts';
export {
  type PcpAnswer,
  type PcpMapRequest,
  readPcpAnswer,
  writePcpAnnounceRequest,
  writePcpMapRequest,
} from './codec/pcp.ts';
export { readSoapAnswer, type SoapAnswer } from './codec/soap.ts';
export { readSsdpAnswer, type SsdpAnswer, ssdpSearches } from './codec/ssdp.ts';
