import type { Role } from '@navalis/config';
import { dropReasonNames as ofEngines } from '@navalis/engine';
import { deviceDropReasons } from '@navalis/netio';
import { mappingDropReasons } from '@navalis/port-mapping';
import { describe, expect, it } from 'vitest';
import {
  dropExplanations,
  dropExplanationsOf,
  dropReasonNames,
  dropReasonsOf,
} from '../../src/health/drop-explanations.ts';
import { streamDropReasons } from '../../src/roles/client/turn/stream-drops.ts';

const ofDevices = Object.keys(deviceDropReasons) as (keyof typeof deviceDropReasons)[];
const ofMapping = Object.keys(mappingDropReasons) as (keyof typeof mappingDropReasons)[];
const ofStreams = Object.keys(streamDropReasons) as (keyof typeof streamDropReasons)[];

describe('the explanations of drops', () => {
  it('cover each reason of the engines, of the devices, of port mapping and of streams, and no other', () => {
    expect(dropReasonNames.toSorted()).toEqual([...ofEngines, ...ofDevices, ...ofMapping, ...ofStreams].toSorted());
    expect(new Set(dropReasonNames).size).toBe(
      ofEngines.length + ofDevices.length + ofMapping.length + ofStreams.length,
    );
  });

  it.each<[Role, RegExp]>([
    ['client', /this relay|client-keys here|max-clients|at the client/],
    ['server', /this relay|served-prefix|max-peers/],
    ['relay', /only-own-clients|max-peers|on the peer/],
    ['host-relay', /hosts answer through|served-prefix|only-own-clients|client-keys here/],
  ])('speak to the operator of a %s, not of another program', (role, foreign) => {
    const texts = dropExplanationsOf(role);
    for (const reason of dropReasonsOf(role)) {
      const { meaning, cause, cure } = texts[reason];
      expect([reason, `${meaning} ${cause} ${cure}`]).not.toEqual([reason, expect.stringMatching(foreign)]);
    }
  });

  it.each([...ofDevices, ...ofMapping, ...ofStreams])(
    '[SEC-42] describe %s and its cure in whole sentences',
    (reason) => {
      const { places, meaning, cure } = dropExplanations[reason];
      expect(places.length).toBeGreaterThan(0);
      for (const text of [meaning, cure]) expect(text).toMatch(/^[A-Z].{10,}\.$/);
    },
  );
});
