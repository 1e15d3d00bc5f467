import { readFileSync } from 'node:fs';
import { roles } from '@navalis/config';
import type { DropPlace } from '@navalis/telemetry';
import { expect, it } from 'vitest';
import { dropExplanations, dropReasonNames, dropReasonsOf } from '../../src/health/drop-explanations.ts';
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
  return `\n${header}${dropReasonNames.map(row).join('')}\n`;
}

function row(reason: ProgramDropReason): string {
  const { places, meaning, cause, cure } = dropExplanations[reason];
  const programs = roles.filter((role) => dropReasonsOf(role).includes(reason));
  const cells = [
    `<a id="${reason}"></a>\`${reason}\``,
    programs.length === roles.length ? 'all' : programs.join(', '),
    places.map((place) => placeNames[place]).join(', '),
    ...[meaning, cause, cure].map((text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')),
  ];
  return `| ${cells.join(' | ')} |\n`;
}
