import { describe, expect, it } from 'vitest';
import { HexDump } from '../src/text/hex-dump.ts';
import { findingsIn } from './cast.ts';

/** Returns the packets in these lines, as hex, and the problem. */
function read(...lines: readonly string[]): { readonly packets: readonly string[]; readonly problem?: string } {
  const dump = new HexDump();
  const packets = [...lines.map((line) => dump.read(line)), dump.end()]
    .filter((packet) => packet !== undefined)
    .map((packet) => Array.from(packet, (octet) => octet.toString(16).padStart(2, '0')).join(''));
  return { packets, ...(dump.problem !== undefined && { problem: dump.problem }) };
}

const gapIn = (line: number) => `Line ${line} of the hex dump does not continue the line before.`;
const sixteen = '00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f';
const whole = '000102030405060708090a0b0c0d0e0f';

describe('octets without offsets', () => {
  it.each([
    ['in groups behind single spaces', ['6000 0000 0001'], ['600000000001']],
    ['in eight digits to a line', ['60000000', '00010203'], ['6000000000010203']],
    ['in eight digits to a line, with spaces behind', ['60000000  ', '00010203  '], ['6000000000010203']],
    ['with two spaces behind eight digits, later', ['6000', '00010203  0405'], ['6000000102030405']],
    ['with commas and 0x', ['0x60, 0X00,', '0x01'], ['600001']],
  ])('are read: %s', (_, lines, packets) => {
    expect(read(...lines)).toEqual({ packets });
  });

  it.each(['', '   ', 'zz ab', 'ab zz', 'abc', 'a', '*', 'IP 192.0.2.1.40000 > 198.51.100.2.3544: UDP'])(
    'end before the line "%s"',
    (line) => {
      expect(read('6000', line, '0102')).toEqual({ packets: ['6000', '0102'] });
    },
  );

  it.each(['00000000: 0102', '0x0000:  0102'])('end before a dump with offsets: "%s"', (line) => {
    expect(read('6000', line)).toEqual({ packets: ['6000', '0102'] });
  });
});

describe('a dump with offsets', () => {
  it.each([
    [
      'hexdump -C',
      [`00000000  ${sixteen.replace(' 08', '  08')}  |6 3b 4c 5d 6e 7f.|`, '00000010  aa  |.|', '00000011'],
    ],
    ['Wireshark', [`0000  ${sixteen}   ab cd ef`, '0010  aa   ab cd ef']],
    ['Wireshark, with two spaces before the characters', [`0000  ${sixteen}  ab cd`, '0010  aa']],
    ['tcpdump', [`\t0x0000:  ${sixteen}  ab cd`, '\t0x0010:  aa  cd']],
    ['xxd', [`00000000: ${sixteen}  ab cd`, '00000010: aa  cd']],
    ['in capitals', [`0000  ${sixteen.toUpperCase()}`, '0010  AA']],
  ])('is read: %s', (_, lines) => {
    expect(read(...lines)).toEqual({ packets: [`${whole}aa`] });
  });

  it.each(['zz', 'zz60', '60zz', '600', 'x'])('has the octets before the first group that is none: "%s"', (group) => {
    expect(read(`0000  60 00 ${group} 01`)).toEqual({ packets: ['6000'] });
    expect(read(`00000000: 6000 ${group} 01`)).toEqual({ packets: ['6000'] });
  });

  it('ends where the next one begins, or a sentence stands', () => {
    expect(read('00000000: 60', '00000000: 61')).toEqual({ packets: ['60', '61'] });
    expect(read('0000  60', 'and', '0000  61')).toEqual({ packets: ['60', '61'] });
  });

  it('may stand behind octets without offsets, and before them', () => {
    expect(read('6000', '', '0000  01 02', '0002  03')).toEqual({ packets: ['6000', '010203'] });
    expect(read('0000  01', '', '60000000', '00010203')).toEqual({ packets: ['01', '6000000000010203'] });
  });

  it('whose lines do not continue each other is dropped, and its first such line named', () => {
    expect(read('0000  01', '0004  02', '0009  03')).toEqual({ packets: [], problem: gapIn(2) });
    expect(read('0010  01')).toEqual({ packets: [], problem: gapIn(1) });
    expect(read('0000  01', '', '0010  02', '', '0000  03')).toEqual({ packets: ['01', '03'], problem: gapIn(3) });
  });
});

describe('lines that a dump leaves out', () => {
  it.each(['*', '*  '])('are like the one before "%s", up to the next offset', (star) => {
    expect(read('00000000: 60', star, '00000004: 61')).toEqual({ packets: ['6060606061'] });
    expect(read(`00000000: ${sixteen}`, star, '00000020: 61')).toEqual({ packets: [`${whole}${whole}61`] });
    expect(read('00000000  60', star, '00000003')).toEqual({ packets: ['606060'] });
  });

  it.each(['* more', 'see *', '**'])('are not meant by "%s", which ends the packet', (line) => {
    expect(read('00000000: 60', line, '00000004: 61')).toEqual({ packets: ['60'], problem: gapIn(3) });
  });

  it('are left out once: a gap after that is one', () => {
    expect(read('00000000: 60', '*', '00000002: 61', '00000004: 62')).toEqual({ packets: [], problem: gapIn(4) });
  });

  it('are none where no octets stand before', () => {
    expect(read('00000000: ', '*', '00000004: 61')).toEqual({ packets: [], problem: gapIn(3) });
    expect(read('00000000: aa', '', '00000010: bb', '*', '00000020: cc')).toEqual({
      packets: ['aa'],
      problem: gapIn(3),
    });
    expect(read('00000000: aa', '*', '', '00000010: bb')).toEqual({ packets: ['aa'], problem: gapIn(4) });
  });

  it('make no packet longer than the longest', () => {
    expect(read('00000000: 60', '*', 'fffffff0: 61').problem).toBe(
      'Line 3 of the hex dump makes a packet of more than 65549 octets.',
    );
  });
});

describe('hexadecimal text', () => {
  it('has packets of 65,549 octets at most', async () => {
    const [longest] = await findingsIn('60'.repeat(65_549), 8192);
    expect(longest).toMatchObject({ kind: 'datagram', octets: 65_549 });
    expect(await findingsIn('60'.repeat(65_550), 8192)).toMatchObject([
      { problem: 'Line 1 of the hex dump makes a packet of more than 65549 octets.' },
    ]);
  });

  it('has lines of 400,000 characters at most', async () => {
    const problemOf = async (characters: number) =>
      (await findingsIn('a'.repeat(characters), 100_000)).map((each) => each.kind === 'summary' && each.problem);
    expect(await problemOf(400_000)).toEqual([expect.stringContaining('of more than 65549 octets')]);
    expect(await problemOf(400_001)).toEqual(['The input has a line of more than 400000 characters.']);
  });

  it('may have tabs, and ends of lines of any system', async () => {
    expect((await findingsIn('60\t00\r\n00\r\n')).at(0)).toMatchObject({ octets: 3 });
  });

  it.each([0, 1, 8, 0x0b, 0x0c, 0x0e, 0x1f])('has no octet %i', async (octet) => {
    expect(await findingsIn(`6000\n60${String.fromCharCode(octet)}00\n`, 100)).toMatchObject([
      { kind: 'summary', problem: 'The input is neither a capture (pcap, pcapng) nor hexadecimal text.' },
    ]);
  });
});
