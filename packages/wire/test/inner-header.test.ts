import { type Ipv6Value, parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { InnerHeader, writeIpv6Header } from '../src/index.ts';

const first = parseIpv6('2001:db8:8000:1:f000:2:e000:3')!;
const second = parseIpv6('fe80::1')!;
const third = parseIpv6('2002:c000:201::ffff')!;

function packetAt(offset: number, source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  const memory = new Uint8Array(offset + 40).fill(0xee);
  writeIpv6Header(memory, offset, { payloadLength: 0, nextHeader: 59, hopLimit: 64, source, destination });
  return memory;
}

describe('the addresses of an inner packet', () => {
  it('are read at any offset, of one packet after the other', () => {
    const header = new InnerHeader();
    header.readSource(packetAt(3, first, second), 3);
    header.readDestination(packetAt(0, second, third), 0);
    expect([header.source, header.destination]).toEqual([first, third]);
    header.readSource(packetAt(1, third, first), 1);
    expect([header.source, header.destination]).toEqual([third, third]);
  });

  it('are read from memory that begins inside another', () => {
    const header = new InnerHeader();
    header.readSource(packetAt(10, first, second).subarray(10), 0);
    expect(header.source).toEqual(first);
  });
});
