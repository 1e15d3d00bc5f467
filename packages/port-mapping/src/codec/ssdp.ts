import type { CodecDrop } from './answer-drop.ts';

/** The multicast group and port of SSDP (UPnP Device Architecture 1.1, section 1). */
export const ssdpGroup = '239.255.255.250';
const ssdpPort = 1900;

const deviceType = 'urn:schemas-upnp-org:device:InternetGatewayDevice:';

/** Both versions: some routers do not answer a search for the older one. */
const targets: readonly string[] = [`${deviceType}1`, `${deviceType}2`];

/** Our choice: longer answers are none. */
const longestOctets = 2048;

/** An answer to a search: where the description of an Internet gateway device is. */
export interface SsdpAnswer {
  /** As the sender wrote it. */
  readonly location: string;
}

/** Returns the searches for an Internet gateway device, one datagram each; devices answer within `maximumDelaySeconds`. */
export function ssdpSearches(maximumDelaySeconds: number): readonly Uint8Array[] {
  return targets.map((target) =>
    new TextEncoder().encode(
      [
        'M-SEARCH * HTTP/1.1',
        `HOST: ${ssdpGroup}:${ssdpPort}`,
        'MAN: "ssdp:discover"',
        `MX: ${maximumDelaySeconds}`,
        `ST: ${target}`,
        '',
        '',
      ].join('\r\n'),
    ),
  );
}

/** Reads an answer to a search. Answers of other devices are not asked for. */
export function readSsdpAnswer(bytes: Uint8Array): SsdpAnswer | CodecDrop {
  if (bytes.length > longestOctets) return 'mapping-malformed';
  const [first = '', ...lines] = new TextDecoder('latin1').decode(bytes).split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200(?: |$)/.test(first)) return 'mapping-malformed';
  const target = headerIn(lines, 'st');
  const location = headerIn(lines, 'location');
  if (target === undefined || location === undefined || !isPrintable(location)) return 'mapping-malformed';
  return target.startsWith(deviceType) ? { location } : 'mapping-not-asked';
}

function headerIn(lines: readonly string[], name: string): string | undefined {
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

/** Returns true for ASCII without spaces and controls, as URLs are written. */
function isPrintable(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
