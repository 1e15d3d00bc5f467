import { parseIpv6 } from '@navalis/address';
import { writeBubble } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { explainAddress, explainDatagram } from '../src/index.ts';
import { isShown } from '../src/recognise.ts';
import { block, ipv4Packet, joined, pcap, u16, u32 } from './captures.ts';
import { bob, bubble, echo, findingsIn, solicitation, written } from './cast.ts';

const none = { packets: 0, datagrams: 0, dropped: 0, fragments: 0, cut: 0, others: 0 };

/** A capture with one packet, whose clock counts milliseconds. */
function atMs(ms: number): Uint8Array {
  const frame = ipv4Packet(bubble);
  const padded = [...frame, ...new Array<number>(-frame.length & 3).fill(0)];
  const time = [Math.floor(ms / 2 ** 32), ms % 2 ** 32, frame.length, frame.length];
  return joined([
    block(0x0a0d0d0a, [...u32(0x1a2b3c4d, true), 1, 0, 0, 0, ...new Array<number>(8).fill(255)], true),
    block(1, [...u16(101, true), 0, 0, ...u32(0, true), ...u16(9, true), ...u16(1, true), 3, 0, 0, 0], true),
    block(6, [...u32(0, true), ...time.flatMap((each) => u32(each, true)), ...padded], true),
  ]);
}

describe('an input', () => {
  it('has the format that its first four octets tell, also without any packet', async () => {
    expect(await findingsIn(pcap(1, []))).toEqual([{ kind: 'summary', format: 'pcap', ...none }]);
    expect((await findingsIn(pcap(1, []).subarray(0, 4))).at(-1)).toMatchObject({
      format: 'pcap',
      problem: 'The capture ends in the middle of a packet, at octet 0.',
    });
    expect((await findingsIn(atMs(0).subarray(0, 28))).at(-1)).toEqual({ kind: 'summary', format: 'pcapng', ...none });
    expect((await findingsIn('60 '.repeat(3))).at(-1)).toMatchObject({ format: 'hex', packets: 1 });
  });

  it('tells times up to the end of the year 9999, and no other', async () => {
    const last = 253_402_300_799_999;
    expect((await findingsIn(atMs(last)))[0]).toMatchObject({ kind: 'datagram', atMs: last });
    for (const input of [atMs(last + 1), atMs(2 ** 53), ipv4Hex(bubble)]) {
      expect((await findingsIn(input))[0]).toMatchObject({ kind: 'datagram' });
      expect((await findingsIn(input))[0]).not.toHaveProperty('atMs');
    }
  });

  it('has other packets, which are counted and not shown', async () => {
    const tcp = ipv4Packet(bubble);
    tcp[9] = 6;
    expect(await findingsIn(pcap(101, [tcp]))).toEqual([
      { kind: 'summary', format: 'pcap', ...none, packets: 1, others: 1 },
    ]);
  });

  it('has beginnings of datagrams, which are counted where one of the ports is 3544', async () => {
    const beginnings = [
      [40_000, 3544],
      [3544, 40_000],
      [5_000, 5_001],
      [5_000, 5_002],
    ].map((ports) => ipv4Packet(bubble, ports as [number, number]).subarray(0, 70));
    expect(await findingsIn(pcap(101, beginnings))).toEqual([
      { kind: 'summary', format: 'pcap', ...none, packets: 4, cut: 2, others: 2 },
    ]);
  });
});

function ipv4Hex(payload: Uint8Array): string {
  return Array.from(ipv4Packet(payload), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

describe('a datagram', () => {
  const native = echo.slice();
  native.set([0x26, 0x06], 24);
  const origin = [0, 0, 0x63, 0xbf, 0x3f, 0xff, 0xfd, 0xfe];
  const nativeBubble = written((bytes) =>
    writeBubble(bytes, 0, parseIpv6('2606:4700::1')!, parseIpv6('2606:4700::2')!),
  );
  const on = (sourcePort: number, destinationPort: number) =>
    ({ kind: 'datagram', sourceAddress: 1, destinationAddress: 2, sourcePort, destinationPort }) as never;
  const isShownOn = (payload: Uint8Array, ...ports: [number, number]) =>
    isShown(explainDatagram(payload), on(...ports));

  it('is shown on port 3544, at either end, whatever it is, and where no port is known', () => {
    for (const payload of [Uint8Array.of(1, 2, 3), native, bubble]) {
      expect([isShownOn(payload, 3544, 5), isShownOn(payload, 5, 3544)]).toEqual([true, true]);
      expect(isShown(explainDatagram(payload), undefined)).toBe(true);
    }
    expect(isShownOn(Uint8Array.of(1, 2, 3), 5, 6)).toBe(false);
  });

  it.each([
    ['a bubble', bubble, true],
    ['a bubble between native hosts', nativeBubble, true],
    ['a bubble with octets behind it', Uint8Array.of(...nativeBubble, 9), false],
    ['a native packet', native, false],
    ['a native packet with an origin', Uint8Array.of(...origin, ...native), true],
    ['a native packet with an origin, and octets behind it', Uint8Array.of(...origin, ...native, 9), false],
    ['a solicitation with an authentication', solicitation, true],
    ['a packet to a Teredo address', echo, true],
    ['a packet to a Teredo address, and octets behind it', Uint8Array.of(...echo, 9), true],
  ])('on other ports is shown by its structure: %s', (_, payload, isTeredo) => {
    expect(isShownOn(payload, 5, 6)).toBe(isTeredo);
  });

  it.each([
    ['2001:0:cb00:7178:3c5a:efff:3fff:fdfe', true],
    ['2001::1:2:3', true],
    ['2001:1::1', false],
    ['fe80::2001:0:1', false],
  ])('on other ports is shown for the address %s at either end: %s', (address, isTeredo) => {
    for (const at of [8, 24]) {
      const payload = native.slice();
      const value = parseIpv6(address)!;
      new DataView(payload.buffer).setUint32(at, value.word0);
      for (const [index, word] of [value.word1, value.word2, value.word3].entries()) {
        new DataView(payload.buffer).setUint32(at + 4 * (index + 1), word);
      }
      expect(isShownOn(payload, 5, 6)).toBe(isTeredo);
    }
  });
});

it('an address has its flags in four digits', () => {
  expect(explainAddress(parseIpv6(bob)!).teredo?.flags).toBe('0x0000');
});
