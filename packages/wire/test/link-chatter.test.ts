import { parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { isLinkChatter, writeIpv6Header } from '../src/index.ts';

/** Returns whether a packet is link chatter that lies at an offset between octets of 0xff. */
function isChatter(source: string, destination: string): boolean {
  const memory = new Uint8Array(90).fill(0xff);
  const addresses = { source: parseIpv6(source)!, destination: parseIpv6(destination)! };
  writeIpv6Header(memory, 33, { payloadLength: 0, nextHeader: 58, hopLimit: 1, ...addresses });
  return isLinkChatter(memory, 33);
}

describe('[CL-T-21] what a kernel sends on every link', () => {
  it.each([
    ['fe80::1', 'ff02::2'],
    ['febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ff02::16'],
    ['::', 'ff02::1:ff00:1'],
    ['::', 'ff0e::'],
  ])('comes from %s to %s', (source, destination) => {
    expect(isChatter(source, destination)).toBe(true);
  });

  it.each([
    ['fe80::1', 'fe80::2'],
    ['fe80::1', '2001::1'],
    ['::', 'fe02::1'],
    ['fec0::1', 'ff02::2'],
    ['fe7f:ffff::', 'ff02::2'],
    ['2001:0:c000:201::1', 'ff02::fb'],
    ['8000::', 'ff02::fb'],
    ['0:1::', 'ff02::fb'],
    ['0:0:8000::', 'ff02::fb'],
    ['::1:0:0', 'ff02::fb'],
    ['0:0:0:0:8000::', 'ff02::fb'],
    ['::1', 'ff02::fb'],
    ['::8000:0', 'ff02::fb'],
  ])('does not come from %s to %s', (source, destination) => {
    expect(isChatter(source, destination)).toBe(false);
  });
});
