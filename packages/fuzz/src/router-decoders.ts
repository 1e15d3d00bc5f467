import { writeUint32 } from '@navalis/address';
import {
  mappingDropReasons,
  readDeviceDescription,
  readNatPmpAnswer,
  readPcpAnswer,
  readSoapAnswer,
  readSsdpAnswer,
  writePcpMapRequest,
} from '@navalis/port-mapping/codecs';
import type { Decoder } from './decoder.ts';
import { expectThat } from './finding.ts';

const udp = 17;
const encoder = new TextEncoder();
const action = 'GetExternalIPAddress';

/** Every decoder of answers of routers to requests for a port mapping. */
export const routerDecoders: readonly Decoder[] = [
  {
    name: 'pcp answer',
    templates: [pcpAnswer(0x81), pcpAnswer(0x80).subarray(0, 24), Uint8Array.of(0, 0x81, 0, 1, 0, 0, 0, 9)],
    read(bytes, length) {
      const answer = readPcpAnswer(bytes.subarray(0, length));
      if (typeof answer === 'string') return expectReason(answer);
      expectThat((bytes[1]! & 0x80) !== 0, 'it is an answer');
      if (answer.kind === 'other-version') return;
      expectThat(bytes[0] === 2 && length >= 24 && length <= 1_100, 'it has the version and a length of PCP');
      expectThat((answer.kind === 'refusal') === (bytes[3] !== 0), 'a result other than 0 is a refusal');
      if (answer.kind === 'mapped') {
        expectThat(length >= 60 && bytes[36] === udp, 'a mapping of UDP has 60 octets');
        expectThat(answer.nonce.length === 12 && isEndpoint(answer.external), 'its parts lie in their ranges');
      }
    },
  },
  {
    name: 'nat-pmp answer',
    templates: [
      Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 9, 203, 0, 113, 7),
      Uint8Array.of(0, 129, 0, 0, 0, 0, 0, 9, 0x9c, 0x40, 0x9c, 0x40, 0, 0, 28, 32),
      Uint8Array.of(0, 129, 0, 2, 0, 0, 0, 9),
    ],
    read(bytes, length) {
      const answer = readNatPmpAnswer(bytes.subarray(0, length));
      if (typeof answer === 'string') return expectReason(answer);
      expectThat(bytes[0] === 0 && (bytes[1]! & 0x80) !== 0, 'it is an answer of that version');
      if (answer.kind === 'address') expectThat(length === 12, 'an address has 12 octets');
      if (answer.kind === 'mapped') expectThat(length === 16, 'a mapping has 16 octets');
    },
  },
  {
    name: 'ssdp answer',
    templates: [
      'HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: http://192.168.1.1/\r\n\r\n',
      'M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n',
    ].map((text) => encoder.encode(text)),
    read(bytes, length) {
      const answer = readSsdpAnswer(bytes.subarray(0, length));
      if (typeof answer === 'string') return expectReason(answer);
      expectThat(answer.location.length > 0 && !/[\r\n]/.test(answer.location), 'a location is one line');
    },
  },
  {
    name: 'upnp text',
    templates: [
      '<?xml version="1.0"?><root><device><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl</controlURL></service></serviceList></device></root>',
      `<s:Envelope xmlns:s="x"><s:Body><u:${action}Response xmlns:u="y"><NewExternalIPAddress>203.0.113.7</NewExternalIPAddress></u:${action}Response></s:Body></s:Envelope>`,
      '<E><Fault><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></Fault></E>',
      '<!DOCTYPE a [<!ENTITY x "y">]><root>&x;</root>',
    ].map((text) => encoder.encode(text)),
    read(bytes, length) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
      const description = readDeviceDescription(text);
      if (typeof description === 'string') expectReason(description);
      else expectThat(description.services.length <= 4, 'there are no more services than are tried');
      const answer = readSoapAnswer(text, action);
      if (typeof answer === 'string') expectReason(answer);
      else if (answer.kind === 'fault') expectThat(answer.code >= 0 && answer.code <= 999, 'a fault has three digits');
      else answer.valueOf('NewExternalIPAddress');
    },
  },
];

/** The answer to a MAP request, with this opcode octet. */
function pcpAnswer(opcode: number): Uint8Array {
  const bytes = writePcpMapRequest({
    client: 0,
    nonce: Uint8Array.from({ length: 12 }, (_, index) => index),
    internalPort: 40_000,
    suggested: { address: 0xcb007107, port: 40_000 },
    lifetimeSeconds: 7_200,
  });
  bytes[1] = opcode;
  writeUint32(bytes, 8, 9);
  bytes.fill(0, 12, 24);
  return bytes;
}

function isEndpoint({ address, port }: { readonly address: number; readonly port: number }): boolean {
  return address >= 0 && address <= 0xffff_ffff && port >= 0 && port <= 0xffff;
}

function expectReason(reason: string): void {
  expectThat(Object.hasOwn(mappingDropReasons, reason), 'a reason is one of those that are counted');
}
