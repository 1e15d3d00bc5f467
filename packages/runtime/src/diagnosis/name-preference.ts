import { readFileSync } from 'node:fs';
import { type Ipv6Prefix, type Ipv6Value, ipv6PrefixContains, parseIpv6, parseIpv6Prefix } from '@navalis/address';

/** The first try of programs where a name has IPv4 and native IPv6 addresses, on a host whose only IPv6 is Teredo. */
export type NamePreference = 'ipv4-first' | 'teredo-first';

/** A line of a table of getaddrinfo(3). */
interface Row {
  readonly prefix: Ipv6Prefix;
  readonly value: number;
}

const row = (prefix: string, value: number): Row => ({ prefix: parseIpv6Prefix(prefix)!, value });

/** The tables of the C library (gai.conf(5)). Teredo has a label of its own, so that IPv4 comes first (RFC 6724 section 2.1). */
const defaultLabels: readonly Row[] = [
  row('::1/128', 0),
  row('::/0', 1),
  row('2002::/16', 2),
  row('::/96', 3),
  row('::ffff:0:0/96', 4),
  row('2001::/32', 7),
];
const defaultPrecedences: readonly Row[] = [
  row('::1/128', 50),
  row('::/0', 40),
  row('2002::/16', 30),
  row('::/96', 20),
  row('::ffff:0:0/96', 10),
];

const teredo = parseIpv6('2001:0:102:304::1')!;
const native = parseIpv6('2a00::1')!;
const ipv4 = parseIpv6('::ffff:c000:201')!;

/** Returns the preference that a file gai.conf sets; its lines of a kind replace the whole table of that kind. */
export function namePreference(file: string = readFile()): NamePreference {
  const labels = tableIn(file, 'label', row('::/0', 1)) ?? defaultLabels;
  const precedences = tableIn(file, 'precedence', row('::/0', 40)) ?? defaultPrecedences;
  // Rule 5 of RFC 6724 section 6: source and destination with the same label, which those of IPv4 always have.
  if (valueIn(teredo, labels) !== valueIn(native, labels)) return 'ipv4-first';
  return valueIn(native, precedences) > valueIn(ipv4, precedences) ? 'teredo-first' : 'ipv4-first';
}

function tableIn(file: string, keyword: string, last: Row): readonly Row[] | undefined {
  const rows = file.split('\n').flatMap((line) => {
    const [name, prefix = '', value = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
    const parsed = parseIpv6Prefix(prefix);
    return name === keyword && parsed !== undefined && /^\d+$/.test(value)
      ? [{ prefix: parsed, value: Number(value) }]
      : [];
  });
  return rows.length === 0 ? undefined : [...rows, last];
}

/** Returns the value of the longest prefix; of two equal ones the first. */
function valueIn(address: Ipv6Value, rows: readonly Row[]): number {
  const matches = rows.filter(({ prefix }) => ipv6PrefixContains(prefix, address));
  return matches.reduce((best, next) => (next.prefix.length > best.prefix.length ? next : best)).value;
}

function readFile(): string {
  try {
    return readFileSync('/etc/gai.conf', 'utf8');
  } catch {
    return '';
  }
}
