import { dropReasonNames as ofEngines } from '@navalis/engine';
import { deviceDropReasons } from '@navalis/netio';
import { mappingDropReasons } from '@navalis/port-mapping';
import { describe, expect, it } from 'vitest';
import { dropExplanations, dropReasonNames } from '../../src/health/drop-explanations.ts';
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

  it.each([...ofDevices, ...ofMapping, ...ofStreams])(
    '[SEC-42] describe %s and its cure in whole sentences',
    (reason) => {
      const { places, meaning, cure } = dropExplanations[reason];
      expect(places.length).toBeGreaterThan(0);
      for (const text of [meaning, cure]) expect(text).toMatch(/^[A-Z].{10,}\.$/);
    },
  );
});
