import type { Ipv4Value } from '../values.ts';

/** Parses dotted decimal with exactly four parts. Returns `undefined` for leading zeros, spaces and other notations. */
export function parseIpv4(text: string): Ipv4Value | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** Returns dotted decimal, such as `192.0.2.1`. */
export function formatIpv4(value: Ipv4Value): string {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}
