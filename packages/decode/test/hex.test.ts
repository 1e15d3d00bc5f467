import { describe, expect, it } from 'vitest';
import { ipv4Packet, onLink } from './captures.ts';
import { bubble, echo, findingsIn } from './cast.ts';

const found = [
  { kind: 'datagram', number: 1, packet: { kind: 'bubble' } },
  { format: 'hex', packets: 1, datagrams: 1 },
];

function digits(bytes: Uint8Array, separator = ''): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(separator);
}

/** A dump with an offset in front of each line, and a column of characters after it. */
function dump(
  bytes: Uint8Array,
  prefix: (offset: number) => string,
  column: string,
  { group = 1, width = 16 }: { readonly group?: number; readonly width?: number } = {},
): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += width) {
    const line = bytes.subarray(offset, offset + width);
    const groups = Array.from({ length: Math.ceil(line.length / group) }, (_, index) =>
      digits(line.subarray(index * group, (index + 1) * group)),
    );
    text += `${prefix(offset)}${groups.join(' ')}${column}\n`;
  }
  return text;
}

const tcpdumpOffset = (offset: number): string => `\t0x${offset.toString(16).padStart(4, '0')}:  `;
const xxdOffset = (offset: number): string => `${offset.toString(16).padStart(8, '0')}: `;
const odd = Uint8Array.of(...bubble, 0);

describe('hexadecimal text', () => {
  it.each([
    ['octets in one line', digits(bubble)],
    ['octets with spaces, in capitals', digits(bubble, ' ').toUpperCase()],
    ['octets as in a program', digits(bubble, ', 0x').replace(/^/, '0x')],
    [
      'octets with colons in two lines',
      `${digits(bubble.subarray(0, 20), ':')}\n${digits(bubble.subarray(20), ':')}\n\n`,
    ],
    [
      'tcpdump -X',
      `12:00:00.000000 IP 192.0.2.1.40000 > 198.51.100.2.3544: UDP, length 46\n${dump(ipv4Packet(bubble), tcpdumpOffset, '  abcd..ef', { group: 2 })}`,
    ],
    ['tcpdump -xx', dump(onLink(1, ipv4Packet(bubble)), tcpdumpOffset, '', { group: 2 })],
    [
      'tshark -x',
      dump(onLink(1, ipv4Packet(bubble)), (offset) => `${offset.toString(16).padStart(4, '0')}  `, '   ab cd ef'),
    ],
    [
      'tcpdump -x, with a short last group',
      `IP 192.0.2.1.40000 > 198.51.100.2.3544: UDP, length 47\n${dump(ipv4Packet(odd), tcpdumpOffset, '', { group: 2 })}`,
    ],
    ['xxd', dump(bubble, xxdOffset, '  ff00::  be.ef', { group: 2 })],
    ['xxd with single octets, in capitals', dump(bubble, xxdOffset, '  ......').toUpperCase()],
    ['xxd with longer lines', dump(bubble, xxdOffset, '  ......', { group: 2, width: 24 })],
    ['xxd without groups', dump(bubble, xxdOffset, '  ......', { group: 16 })],
    ['hexdump -C', `${dump(bubble, (offset) => `${offset.toString(16).padStart(8, '0')}  `, '  |abcd|')}0000002e\n`],
  ])('is read: %s', async (_, text) => {
    expect(await findingsIn(text)).toMatchObject(found);
  });

  it.each([44, 43, 42, 4, 2])('is read: xxd -p with %i octets in each line', async (width) => {
    const lines = Array.from({ length: Math.ceil(bubble.length / width) }, (_, line) =>
      digits(bubble.subarray(line * width, (line + 1) * width)),
    );
    expect(await findingsIn(lines.join('\n'))).toMatchObject(found);
    const twice = [...lines, '', ...lines].join('\n');
    expect((await findingsIn(twice)).at(-1)).toMatchObject({ format: 'hex', packets: 2, datagrams: 2 });
  });

  it.each([
    ['hexdump -C', (offset: number) => `${offset.toString(16).padStart(8, '0')}  `, '  |....|'],
    ['xxd -a', xxdOffset, '  ....'],
  ])('may leave out lines like the one before, as %s does', async (_, prefix, column) => {
    const zeros = Uint8Array.of(...bubble.subarray(0, 32), ...new Uint8Array(80), 1);
    const [first, second, third, ...others] = dump(zeros, prefix, column).split('\n');
    const text = [first, second, third, '*', ...others.slice(-2)].join('\n');
    const [datagram, summary] = await findingsIn(text);
    expect(datagram).toMatchObject({ octets: zeros.length });
    expect(summary).toMatchObject({ packets: 1, datagrams: 1 });
    expect(summary).not.toHaveProperty('problem');
  });

  it('with lines left out up to an offset beyond every packet names that line', async () => {
    const text = `${dump(bubble.subarray(0, 32), xxdOffset, '  ....')}*\nfffffff0: 00\n`;
    expect((await findingsIn(text)).at(-1)).toMatchObject({
      problem: 'Line 4 of the hex dump makes a packet of more than 65549 octets.',
    });
  });

  it('may hold several packets', async () => {
    const text = `first\n${digits(bubble)}\n\n${digits(echo)}\nthird\n${digits(bubble.subarray(0, 10))}`;
    const findings = await findingsIn(text, 1000);
    expect(findings).toMatchObject([
      { number: 1, packet: { kind: 'bubble' } },
      { number: 2, packet: { kind: 'echo-request', echo: { identifier: 7, sequence: 9, dataOctets: 4 } } },
      { number: 3, dropReason: 'truncated-ipv6-header' },
      { packets: 3, datagrams: 3, dropped: 1 },
    ]);
  });

  it('names a line that does not continue the line before', async () => {
    const text = dump(ipv4Packet(bubble), (offset) => `${(offset * 2).toString(16).padStart(4, '0')}  `, '');
    expect((await findingsIn(text)).at(-1)).toMatchObject({
      problem: 'Line 2 of the hex dump does not continue the line before.',
    });
  });

  it('without any octet has no packet', async () => {
    for (const text of ['', 'xyz', 'Hello, world.\n']) {
      expect(await findingsIn(text)).toEqual([
        { kind: 'summary', format: 'unknown', packets: 0, datagrams: 0, dropped: 0, fragments: 0, cut: 0, others: 0 },
      ]);
    }
  });
});
