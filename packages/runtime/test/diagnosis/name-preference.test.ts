import { expect, it } from 'vitest';
import { namePreference } from '../../src/diagnosis/name-preference.ts';

const labels = `label ::1/128 0
label ::/0 1 # all others
label ::ffff:0:0/96 4
`;

it.each([
  ['an empty file: Teredo has a label of its own', '', 'ipv4-first'],
  ['comments alone, as Debian has it', '#label 2001:0::/32 7\n#precedence ::ffff:0:0/96 100\n', 'ipv4-first'],
  ['a table of labels without Teredo', labels, 'teredo-first'],
  ['a table of labels without a last line', 'label ::1/128 0', 'teredo-first'],
  ['the cure, added to that', `${labels}label 2001:0::/32 7\n`, 'ipv4-first'],
  ['IPv4 before all IPv6', `${labels}precedence ::ffff:0:0/96 100\n`, 'ipv4-first'],
  ['IPv4 after the rest', `${labels}precedence ::ffff:0:0/96 35\n`, 'teredo-first'],
  ['precedences alone', 'precedence ::/0 90\n', 'ipv4-first'],
  ['lines that are none', 'label 2001:0::/32\nlabel x 7\nlabel ::/0 y\nprecedence\n', 'ipv4-first'],
  ['an IPv6 prefix of more than Teredo', `${labels}label 2001::/16 9\n`, 'ipv4-first'],
])('%s', (_, file, expected) => {
  expect(namePreference(file)).toBe(expected);
});
