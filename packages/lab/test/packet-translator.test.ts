import { parseIpv4, readUint16, writeUint16, writeUint32 } from '@navalis/address';
import { natKinds } from '@navalis/nat';
import { describe, expect, it } from 'vitest';
import { PacketTranslator } from '../src/user-space-nat/packet-translator.ts';

const [host, neighbour] = ['192.168.1.100:5000', '192.168.1.101:6000'];
const outside = '203.0.113.11';
const server = '198.51.100.10:3544';

interface Route {
  readonly from: string;
  readonly to: string;
}

/** A UDP packet of an odd number of octets, with right checksums; with `bare` without one for UDP. */
function packet({ from, to }: Route, bare = false): Uint8Array {
  const bytes = new Uint8Array(20 + 8 + 5);
  bytes.set([0x45, 0, 0, bytes.length, 0, 0, 0x40, 0, 64, 17]);
  for (const [index, text] of [from, to].entries()) {
    const [address = '', port] = text.split(':');
    writeUint32(bytes, 12 + 4 * index, parseIpv4(address)!);
    writeUint16(bytes, 20 + 2 * index, Number(port));
  }
  writeUint16(bytes, 24, bytes.length - 20);
  bytes.set([1, 2, 3, 4, 5], 28);
  writeUint16(bytes, 10, ~sum(bytes.subarray(0, 20)) & 0xffff);
  if (!bare) writeUint16(bytes, 26, ~udpSum(bytes) & 0xffff);
  return bytes;
}

function sum(...parts: readonly Uint8Array[]): number {
  let total = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) total += part[at]! * 256 + (part[at + 1] ?? 0);
  }
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}

function udpSum(bytes: Uint8Array): number {
  return sum(bytes.subarray(12, 20), Uint8Array.of(0, 17, 0, bytes.length - 20), bytes.subarray(20));
}

function routeOf(bytes: Uint8Array): Route {
  const text = (address: number, port: number) =>
    `${bytes.subarray(address, address + 4).join('.')}:${readUint16(bytes, port)}`;
  return { from: text(12, 20), to: text(16, 22) };
}

function translator(kind: keyof typeof natKinds, hairpinning = false): PacketTranslator {
  const behaviour = { ...natKinds[kind], hairpinning };
  return new PacketTranslator({
    behaviour,
    inside: parseIpv4('192.168.1.1')!,
    outside: [parseIpv4(outside)!],
    seed: '1',
  });
}

describe('a NAT in user space', () => {
  it('translates what leaves and what comes back, with right checksums', () => {
    const nat = translator('port-restricted');
    const out = packet({ from: host, to: server });
    expect(nat.translate(out, 0)).toBe(true);
    const { from, to } = routeOf(out);
    expect([from.split(':')[0], to]).toEqual([outside, server]);
    expect([sum(out.subarray(0, 20)), udpSum(out)]).toEqual([0xffff, 0xffff]);
    const back = packet({ from: server, to: from });
    expect(nat.translate(back, 1)).toBe(true);
    expect(routeOf(back)).toEqual({ from: server, to: host });
    expect([sum(back.subarray(0, 20)), udpSum(back)]).toEqual([0xffff, 0xffff]);
    expect(nat.translate(packet({ from: '198.51.100.10:1', to: from }), 2)).toBe(false);
  });

  it('leaves a missing UDP checksum missing', () => {
    const out = packet({ from: host, to: server }, true);
    expect(translator('cone').translate(out, 0)).toBe(true);
    expect([sum(out.subarray(0, 20)), readUint16(out, 26)]).toEqual([0xffff, 0]);
  });

  it.each([true, false])('connects neighbours by their outer endpoints when it hairpins: %s', (hairpinning) => {
    const nat = translator('cone', hairpinning);
    const outer = [host, neighbour].map((from) => {
      const out = packet({ from, to: server });
      nat.translate(out, 0);
      return routeOf(out).from;
    });
    const knock = packet({ from: host, to: outer[1]! });
    expect(nat.translate(knock, 1)).toBe(hairpinning);
    if (hairpinning) expect(routeOf(knock)).toEqual({ from: outer[0], to: neighbour });
  });

  it('lets nothing through that is not a whole UDP packet', () => {
    const nat = translator('cone');
    const spoilt = (offset: number, value: number) => {
      const bytes = packet({ from: host, to: server });
      bytes[offset] = value;
      return bytes;
    };
    const whole = packet({ from: host, to: server });
    const bad = [spoilt(9, 6), spoilt(0, 0x65), spoilt(0, 0x4f), spoilt(6, 0x20), spoilt(7, 1), whole.subarray(0, 27)];
    expect(bad.map((bytes) => nat.translate(bytes, 0))).toEqual(bad.map(() => false));
    expect(nat.translate(new Uint8Array(0), 0)).toBe(false);
  });
});
