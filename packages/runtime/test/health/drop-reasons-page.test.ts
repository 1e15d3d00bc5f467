import { readFileSync } from 'node:fs';
import { type Role, roles } from '@navalis/config';
import type { DropPlace } from '@navalis/telemetry';
import { expect, it } from 'vitest';
import { dropExplanationsOf, dropReasonNames, dropReasonsOf } from '../../src/health/drop-explanations.ts';
import type { ProgramDropReason } from '../../src/worker/messages.ts';

const page = readFileSync(new URL('../../../../docs/operate/drop-reasons.md', import.meta.url), 'utf8');

it('[SEC-42] the guide documents every drop reason with meaning, cause and cure, and no other', () => {
  const documented = /<!-- reasons: begin -->\n(.*)<!-- reasons: end -->/s.exec(page)?.[1];
  expect(documented).toBe(reference());
});

const placeNames: Readonly<Record<DropPlace, string>> = {
  network: 'from the network',
  host: 'from the host',
  sending: 'to the network',
  delivery: 'to the host',
  router: 'from the router',
  stream: 'to the TURN server',
};

/** The table of the page. */
function reference(): string {
  const header = '| Reason | Programs | Packets | Meaning | Usual cause | Cure |\n|---|---|---|---|---|---|\n';
  return `\n${header}${dropReasonNames.map(rows).join('')}\n`;
}

/** One row for the programs that explain the reason alike. */
function rows(reason: ProgramDropReason): string {
  const programs = roles.filter((role) => dropReasonsOf(role).includes(reason));
  const groups = new Map<string, Role[]>();
  for (const role of programs) {
    const { places, meaning, cause, cure } = dropExplanationsOf(role)[reason];
    const texts = [meaning, cause, cure].map((text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;'));
    const cells = [places.map((place) => placeNames[place]).join(', '), ...texts].join(' | ');
    groups.set(cells, [...(groups.get(cells) ?? []), role]);
  }
  return [...groups]
    .map(([cells, users], index) => {
      const name = index === 0 ? `<a id="${reason}"></a>\`${reason}\`` : `\`${reason}\``;
      return `| ${name} | ${users.length === roles.length ? 'all' : users.join(', ')} | ${cells} |\n`;
    })
    .join('');
}
