import { parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { parseIpv6Exits } from '../../src/host/addresses/ipv6-exits.ts';

/** A line of /proc/net/ipv6_route. */
function route(destination: string, length: number, name: string, flags = 0x3): string {
  const { word0, word1, word2, word3 } = parseIpv6(destination)!;
  const hex = [word0, word1, word2, word3].map((word) => word.toString(16).padStart(8, '0')).join('');
  const zero = '0'.repeat(32);
  const rest = `00000400 00000001 00000000 ${flags.toString(16).padStart(8, '0')}`;
  return `${hex} ${length.toString(16).padStart(2, '0')} ${zero} 00 ${zero} ${rest} ${name.padStart(8)}\n`;
}

describe('[CL-U-15] ways out of this host', () => {
  const exitsOf = (...lines: readonly string[]) => parseIpv6Exits(lines.join(''), true, (name) => name !== 'dark0');

  it('are the default routes, each interface once', () => {
    expect(exitsOf(route('fe80::', 64, 'eth0'), route('::', 0, 'eth1'), route('::', 0, 'eth1'))).toEqual(['eth1']);
  });

  it('include the halves and the eighth that VPNs set, but nothing smaller', () => {
    expect(exitsOf(route('::', 1, 'wg0'), route('8000::', 1, 'wg1'))).toEqual(['wg0']);
    expect(exitsOf(route('2000::', 3, 'sit1'), route('2000::', 4, 'a'), route('4000::', 3, 'b'))).toEqual(['sit1']);
    expect(exitsOf(route('2a00::', 12, 'wg0'))).toEqual([]);
  });

  it('exclude reject routes, interfaces without a carrier, and lo', () => {
    expect(exitsOf(route('::', 0, 'lo', 0x00200200), route('::', 0, 'eth0', 0x200))).toEqual([]);
    expect(exitsOf(route('::', 0, 'dark0'), route('::', 0, 'lo'))).toEqual([]);
  });

  it('are assumed to exist if the table is too long to be read', () => {
    expect(parseIpv6Exits(route('2a00::', 32, 'eth0'), false, () => true)).toEqual(['*']);
    expect(parseIpv6Exits('', true, () => true)).toEqual([]);
  });
});
