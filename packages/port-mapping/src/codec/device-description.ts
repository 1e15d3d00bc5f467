import type { CodecDrop } from './answer-drop.ts';
import { elementsNamed, parseXml, textOf, type XmlElement } from './xml.ts';

/** The services that map ports, the best first (UPnP IGD 2, then 1). */
export const serviceTypes = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const;

/** Our choice: a router has one or two. */
const mostServices = 4;

/** The type of a service that maps ports. */
export type ConnectionServiceType = (typeof serviceTypes)[number];

/** A service of an Internet gateway device that maps ports. */
export interface ConnectionService {
  readonly type: ConnectionServiceType;
  /** As the router wrote it: absolute, or relative to its base. */
  readonly controlUrl: string;
}

/** The part of a device description that is of use. */
export interface DeviceDescription {
  /** The base of relative addresses; undefined: where the description is. */
  readonly base: string | undefined;
  /** The best first; empty when the device maps no ports. */
  readonly services: readonly ConnectionService[];
}

/** Reads the description of an Internet gateway device. */
export function readDeviceDescription(text: string): DeviceDescription | CodecDrop {
  const root = parseXml(text);
  if (root === undefined) return 'mapping-malformed';
  const services = elementsNamed(root, 'service').flatMap((element) => serviceIn(element) ?? []);
  return {
    base: elementsNamed(root, 'URLBase')
      .map(textOf)
      .find((base) => base !== ''),
    services: serviceTypes
      .flatMap((type) => services.filter((service) => service.type === type))
      .slice(0, mostServices),
  };
}

function serviceIn(element: XmlElement): ConnectionService | undefined {
  const [type, controlUrl] = ['serviceType', 'controlURL'].map(
    (name) => element.children.filter((child) => child.name === name).map(textOf)[0],
  );
  const known = serviceTypes.find((each) => each === type);
  return known === undefined || controlUrl === undefined || controlUrl === '' ? undefined : { type: known, controlUrl };
}
