import { describe, expect, it } from 'vitest';
import { explainInput } from '../src/index.ts';
import { ipv4Packet, onLink, pcap, pcapng } from './captures.ts';
import { alice, bob, bubble, echo, findingsIn, solicitation } from './cast.ts';

const at = 1_700_000_000_250;
const ends = { from: { address: '192.0.2.1', port: 40_000 }, to: { address: '198.51.100.2', port: 3544 } };

describe.each([0, 1, 101, 108, 113, 228, 276])('a capture of link type %i', (linkType) => {
  const frames = [solicitation, bubble].map((payload) => onLink(linkType, ipv4Packet(payload)));
  const datagrams = [
    { kind: 'datagram', number: 1, ...ends, packet: { kind: 'router-solicitation' } },
    { kind: 'datagram', number: 2, ...ends, packet: { kind: 'bubble', source: alice, destination: bob } },
  ];
  const summary = { kind: 'summary', packets: 2, datagrams: 2, dropped: 0, others: 0 };

  it.each([true, false])('is read in pcap format (little endian: %s)', async (isLittle) => {
    for (const magic of [0xa1b2c3d4, 0xa1b23c4d]) {
      const findings = await findingsIn(pcap(linkType, frames, isLittle, magic));
      expect(findings).toMatchObject([
        ...datagrams.map((each) => ({ ...each, atMs: at })),
        { ...summary, format: 'pcap' },
      ]);
    }
  });

  it.each([true, false])('is read in pcapng format (little endian: %s)', async (isLittle) => {
    const findings = await findingsIn(pcapng(linkType, frames, isLittle));
    expect(findings).toMatchObject([...datagrams, { ...summary, format: 'pcapng' }]);
    expect(findings[0]).toMatchObject({ atMs: at });
  });
});

describe('a capture', () => {
  it('shows on other ports what is Teredo by its structure, and counts the rest', async () => {
    const native = echo.slice();
    native.set([0x26, 0x06], 24);
    const frames = [bubble, solicitation, echo, native, Uint8Array.of(1, 2, 3)].map((payload) =>
      ipv4Packet(payload, [5000, 5001]),
    );
    const findings = await findingsIn(pcap(101, frames));
    expect(findings.map((each) => each.kind === 'datagram' && each.packet?.kind)).toEqual([
      'bubble',
      'router-solicitation',
      'echo-request',
      false,
    ]);
    expect(findings.at(-1)).toMatchObject({ packets: 5, datagrams: 3, others: 2 });
  });

  it('says why a datagram on port 3544 is dropped', async () => {
    const findings = await findingsIn(
      pcap(101, [ipv4Packet(Uint8Array.of(1, 2, 3)), ipv4Packet(bubble.subarray(0, 30))]),
    );
    expect(findings).toMatchObject([
      { dropReason: 'not-ipv6' },
      { dropReason: 'truncated-ipv6-header' },
      { datagrams: 2, dropped: 2 },
    ]);
  });

  it('names fragments, and datagrams that it has the beginning of only', async () => {
    const cut = ipv4Packet(bubble);
    const frames = [
      ipv4Packet(bubble, [1, 3544], 0x2000),
      ipv4Packet(bubble, [1, 3544], 0x0004),
      cut.subarray(0, cut.length - 1),
    ];
    expect(await findingsIn(pcap(101, frames))).toMatchObject([
      { kind: 'fragment', number: 1, from: '192.0.2.1', to: '198.51.100.2', offset: 0 },
      { kind: 'fragment', number: 2, offset: 32 },
      { kind: 'summary', packets: 3, datagrams: 0, fragments: 2, cut: 1 },
    ]);
  });

  it('that ends in a packet, or is damaged, is read up to there and says so', async () => {
    const whole = pcap(101, [ipv4Packet(bubble), ipv4Packet(bubble)]);
    expect((await findingsIn(whole.subarray(0, whole.length - 1))).at(-1)).toMatchObject({
      datagrams: 1,
      problem: expect.stringContaining('ends in the middle of a packet'),
    });
    const damaged = whole.slice();
    damaged.set([0xff, 0xff, 0xff, 0x7f], 24 + 8);
    expect((await findingsIn(damaged)).at(-1)).toMatchObject({
      datagrams: 0,
      problem: 'The capture is damaged at octet 24.',
    });
    const block = pcapng(101, [ipv4Packet(bubble)]);
    block.set([13], 4);
    expect((await findingsIn(block)).at(-1)).toMatchObject({ problem: 'The capture is damaged at octet 0.' });
  });
});

describe('garbage', () => {
  it('never makes the reader throw, whatever is damaged', async () => {
    const frames = [bubble, solicitation, echo].map((payload) => onLink(1, ipv4Packet(payload)));
    let state = 1;
    const next = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (const whole of [pcap(1, frames), pcapng(1, frames), pcapng(113, frames, false)]) {
      for (let round = 0; round < 1500; round++) {
        const damaged = whole.slice(0, 1 + next(whole.length));
        for (let flips = next(6); flips >= 0; flips--) damaged[next(damaged.length)] = next(256);
        const findings = await findingsIn(damaged, 1 + next(4096));
        expect(findings.at(-1)?.kind).toBe('summary');
        JSON.stringify(findings);
      }
    }
  });

  it('without an end is refused after little of it', async () => {
    let octets = 0;
    async function* endless(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
      for (;;) {
        octets += chunk.length;
        yield chunk;
      }
    }
    const claims = Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4, ...new Array<number>(65_532).fill(0xff));
    for (const chunk of [new Uint8Array(65_536), new Uint8Array(65_536).fill(0x61), claims]) {
      octets = 0;
      const findings = [];
      for await (const finding of explainInput(endless(chunk))) findings.push(finding);
      expect(findings).toMatchObject([{ kind: 'summary', datagrams: 0, problem: expect.any(String) }]);
      expect(octets).toBeLessThan(1_000_000);
    }
  });
});
