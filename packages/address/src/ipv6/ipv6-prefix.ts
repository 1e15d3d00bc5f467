import type { Ipv6Value } from '../values.ts';
import { parseIpv6 } from './ipv6-text.ts';

/** An IPv6 range in prefix notation. Bits beyond `length` carry no meaning. */
export interface Ipv6Prefix {
  readonly address: Ipv6Value;
  /** 0 to 128. */
  readonly length: number;
}

/** Parses `2001::/32`. An address without a length is a prefix of 128. Returns `undefined` for anything else. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const [addressText, lengthText, ...rest] = text.split('/');
  const address = parseIpv6(addressText!);
  if (address === undefined || rest.length > 0) return undefined;
  if (lengthText === undefined) return { address, length: 128 };
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > 128) return undefined;
  return { address, length: Number(lengthText) };
}

export function ipv6PrefixContains({ address, length }: Ipv6Prefix, value: Ipv6Value): boolean {
  return (
    agrees(address.word0, value.word0, length) &&
    agrees(address.word1, value.word1, length - 32) &&
    agrees(address.word2, value.word2, length - 64) &&
    agrees(address.word3, value.word3, length - 96)
  );
}

function agrees(left: number, right: number, length: number): boolean {
  if (length <= 0) return true;
  return (left ^ right) >>> (length >= 32 ? 0 : 32 - length) === 0;
}
