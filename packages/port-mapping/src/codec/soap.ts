import type { CodecDrop } from './answer-drop.ts';
import type { ConnectionServiceType } from './device-description.ts';
import { elementsNamed, parseXml, textOf } from './xml.ts';

/** The names and values of an action's arguments, in the order of the service's description. Values need no escapes. */
export type SoapArguments = readonly (readonly [name: string, value: string])[];

/** The answer of a router to an action. */
export type SoapAnswer =
  | { readonly kind: 'done'; readonly valueOf: (name: string) => string | undefined }
  | {
      readonly kind: 'fault';
      /** Such as 718: another mapping has that port. */
      readonly code: number;
    };

/** Returns the body of a request that invokes an action of a service. */
export function writeSoapRequest(service: ConnectionServiceType, action: string, args: SoapArguments): string {
  const values = args.map(([name, value]) => `<${name}>${value}</${name}>`).join('');
  return [
    '<?xml version="1.0"?>\r\n',
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">',
    `<s:Body><u:${action} xmlns:u="${service}">${values}</u:${action}></s:Body>`,
    '</s:Envelope>\r\n',
  ].join('');
}

/** Reads the answer to an action. */
export function readSoapAnswer(text: string, action: string): SoapAnswer | CodecDrop {
  const root = parseXml(text);
  if (root === undefined) return 'mapping-malformed';
  const [answer] = elementsNamed(root, `${action}Response`);
  if (answer !== undefined) {
    return { kind: 'done', valueOf: (name) => elementsNamed(answer, name).map(textOf)[0] };
  }
  const code = elementsNamed(root, 'errorCode').map(textOf)[0];
  if (code === undefined || !/^[0-9]{3}$/.test(code)) return 'mapping-malformed';
  return { kind: 'fault', code: Number(code) };
}
