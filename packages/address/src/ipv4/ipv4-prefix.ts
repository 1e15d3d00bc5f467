import type { Ipv4Value } from '../values.ts';
import { parseIpv4 } from './ipv4-text.ts';

/** An IPv4 range in prefix notation. Bits beyond `length` carry no meaning. */
export interface Ipv4Prefix {
  readonly address: Ipv4Value;
  /** 0 to 32. */
  readonly length: number;
}

/** Parses `192.0.2.0/24`. An address without a length is a prefix of 32. Returns `undefined` for anything else. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  const [addressText, lengthText, ...rest] = text.split('/');
  const address = parseIpv4(addressText!);
  if (address === undefined || rest.length > 0) return undefined;
  if (lengthText === undefined) return { address, length: 32 };
  if (!/^(0|[1-9][0-9]?)$/.test(lengthText) || Number(lengthText) > 32) return undefined;
  return { address, length: Number(lengthText) };
}

export function ipv4PrefixContains(prefix: Ipv4Prefix, value: Ipv4Value): boolean {
  // A shift by 32 would shift by 0.
  if (prefix.length === 0) return true;
  return (prefix.address ^ value) >>> (32 - prefix.length) === 0;
}
