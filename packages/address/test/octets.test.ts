import {
  createMutableIpv6Value,
  ipv6EqualsAt,
  parseIpv6,
  readIpv6Into,
  readUint16,
  readUint32,
  writeIpv6,
  writeUint16,
  writeUint32,
} from '@navalis/address';
import { describe, expect, it } from 'vitest';

const bytes = Uint8Array.of(0xee, 0x81, 0x92, 0xa3, 0xb4, 0xee);

describe('numbers in network order', () => {
  it('are read most significant octet first, unsigned', () => {
    expect(readUint16(bytes, 1)).toBe(0x8192);
    expect(readUint16(bytes, 3)).toBe(0xa3b4);
    expect(readUint32(bytes, 1)).toBe(0x8192a3b4);
  });

  it('are written into two and four octets, and nothing beside them', () => {
    const target = new Uint8Array(6).fill(0xee);
    writeUint16(target, 2, 0x18192);
    expect(target).toEqual(Uint8Array.of(0xee, 0xee, 0x81, 0x92, 0xee, 0xee));
    writeUint32(target, 1, 0x8192a3b4);
    expect(target).toEqual(bytes);
  });
});

describe('an IPv6 address in memory', () => {
  const value = parseIpv6('2001:db8:8000:1:f000:2:e000:3')!;
  const memory = new Uint8Array(20).fill(0xee);
  writeIpv6(memory, 3, value);

  it('is read into a reused object', () => {
    const target = createMutableIpv6Value();
    // Outside of small integers, so that V8 never changes their representation.
    expect(target).toEqual({ word0: 0xffffffff, word1: 0xffffffff, word2: 0xffffffff, word3: 0xffffffff });
    readIpv6Into(target, new DataView(memory.buffer), 3);
    expect(target).toEqual(value);
  });

  it('equals another only when all four words do', () => {
    expect(ipv6EqualsAt(memory, 3, value)).toBe(true);
    for (const word of ['word0', 'word1', 'word2', 'word3'] as const) {
      expect(ipv6EqualsAt(memory, 3, { ...value, [word]: value[word] - 1 }), word).toBe(false);
      // One equal word is not enough either.
      const others = { word0: 1, word1: 1, word2: 1, word3: 1, [word]: value[word] };
      expect(ipv6EqualsAt(memory, 3, others), word).toBe(false);
    }
  });
});
