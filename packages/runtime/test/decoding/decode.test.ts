import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decode } from '../../src/decoding/decode.ts';

const alice = '2001:0:808:808:8000:63bf:f7f7:f7f7';
/** A bubble with a nonce trailer, behind an origin indication. */
const bubble = [
  '0000 63bf f7f7 f7f7',
  '6000 0000 0000 3bff 2001 0000 0808 0808 8000 63bf f7f7 f7f7 2001 0000 0808 0808 0000 63be f7f7 f7f7',
  '0104 0102 0304',
].join('\n');

let folder: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-decode-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function call(operand: string, options = {}) {
  const program = { role: 'client', description: '', entry: '' } as const;
  const sources = { config: undefined, values: new Map() };
  const dataPlane = () => {
    throw new Error('No data plane is wanted.');
  };
  return decode({ program, version: '0', sources, operands: [operand], options, dataPlane });
}

function file(content: string | Uint8Array): string {
  const path = join(folder, 'input');
  writeFileSync(path, content);
  return path;
}

describe('decode', () => {
  it('explains an address', async () => {
    expect(await call(alice)).toBe(0);
    expect(printed).toContain(`${alice} is a Teredo address.\n`);
    expect(printed).toMatch(/Server +8\.8\.8\.8\n.*Mapped +8\.8\.8\.8:40000\n.*cone bit set\n.*Usable +yes\n/s);
    expect(await call('::1')).toBe(1);
    expect(printed).toContain('::1 is not a Teredo address (loopback).');
  });

  it('explains octets line by line, and as JSON', async () => {
    expect(await call(file(bubble))).toBe(0);
    expect(printed.split('\n')).toEqual([
      '#1 54 octets',
      '  Origin         8.8.8.8:40000',
      `  Packet         bubble ${alice} > 2001:0:808:808:0:63be:f7f7:f7f7, 40 octets, hop limit 255`,
      '  Trailer        nonce 01020304: proves a path when it comes back',
      '1 packet: 1 of Teredo.',
      '',
    ]);
    printed = '';
    expect(await call(file(bubble), { json: true })).toBe(0);
    const lines = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { kind: 'datagram', number: 1, origin: { address: '8.8.8.8', port: 40_000 }, trailers: [{ name: 'nonce' }] },
      { kind: 'summary', format: 'hex', datagrams: 1 },
    ]);
  });

  it('names the drop reason and its meaning', async () => {
    expect(await call(file('6000 0000 0010 3bff'))).toBe(0);
    expect(printed).toContain('Dropped        truncated-ipv6-header: The IPv6 header is cut off.\n');
    expect(printed).toContain('1 packet: 1 of Teredo, of which 1 would be dropped.\n');
  });

  it('ends with 1 on garbage and on an empty file, and refuses what is no file', async () => {
    expect(await call(file(Uint8Array.from({ length: 5000 }, (_, index) => (index * 37) & 0xff)))).toBe(1);
    expect(printed).toContain('The input is neither a capture (pcap, pcapng) nor hexadecimal text.\n');
    expect(await call(file(''))).toBe(1);
    expect(printed).toContain('The input has no packet');
    await expect(call(join(folder, 'absent'))).rejects.toMatchObject({ code: 'configuration' });
    await expect(call(folder)).rejects.toMatchObject({ code: 'system-call-failed' });
  });
});
