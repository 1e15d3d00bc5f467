import { formatIpv4, type Ipv4Value } from '@navalis/address';

/** An IPv4 endpoint as in JSON. */
export interface EndpointText {
  readonly address: string;
  readonly port: number;
}

export function endpointText(address: Ipv4Value, port: number): EndpointText {
  return { address: formatIpv4(address), port };
}

/** Returns two lower-case digits for each octet. */
export function hexText(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let index = offset; index < offset + length; index++) text += bytes[index]!.toString(16).padStart(2, '0');
  return text;
}
