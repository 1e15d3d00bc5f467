import { formatIpv4, parseIpv4 } from '../ipv4/ipv4-text.ts';
import type { Ipv6Value } from '../values.ts';

const groupCount = 8;

/** Parses any notation of RFC 4291 section 2.2, also with a dotted-decimal tail. Returns `undefined` for zone identifiers. */
export function parseIpv6(text: string): Ipv6Value | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const tailIsLast = halves.length === 1;
  const head = parseGroups(halves[0]!, tailIsLast);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = groupCount - head.length - tail.length;
  // `::` stands for at least one group (RFC 4291 section 2.2).
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return {
    word0: groups[0]! * 0x10000 + groups[1]!,
    word1: groups[2]! * 0x10000 + groups[3]!,
    word2: groups[4]! * 0x10000 + groups[5]!,
    word3: groups[6]! * 0x10000 + groups[7]!,
  };
}

/** Returns the text of RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`, `::ffff:192.0.2.1`. */
export function formatIpv6(value: Ipv6Value): string {
  if (value.word0 === 0 && value.word1 === 0 && value.word2 === 0xffff) return `::ffff:${formatIpv4(value.word3)}`;
  const groups = [value.word0, value.word1, value.word2, value.word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const run = longestZeroRun(groups);
  const hexadecimal = groups.map((group) => group.toString(16));
  if (run.length < 2) return hexadecimal.join(':');
  return `${hexadecimal.slice(0, run.start).join(':')}::${hexadecimal.slice(run.start + run.length).join(':')}`;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(ipv4 >>> 16, ipv4 & 0xffff);
  }
  return groups;
}

/** Returns the first of the longest runs of zero groups (RFC 5952 section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
