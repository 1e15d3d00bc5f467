import { allExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { contactTimes, serverLoad, serverLoads } from '../src/scenarios/contacts.ts';

describe('contacts after 40 s of silence', () => {
  it.each([
    { from: 'port-restricted', to: 'port-restricted' },
    { from: 'cone', to: 'port-symmetric' },
    { from: 'port-preserving-symmetric', to: 'port-restricted' },
  ] as const)('[SLR-01][SLR-03] $from to $to: pass no server with load reduction', ({ from, to }) => {
    const [on, off] = [true, false].map((serverLoadReduction) =>
      serverLoad(from, to, 1, { ...allExtensions, serverLoadReduction }),
    );
    expect(on!.bubblesPerContact).toBe(0);
    expect(off!.bubblesPerContact).toBeGreaterThan(0.5);
    expect(on!.contactsMs.length).toBe(20);
    expect(Math.max(...on!.contactsMs)).toBeLessThan(200);
  });
});

describe('the tables of contacts', () => {
  it('tell times of pairs and of what they need, and loads', () => {
    const lines = contactTimes(1, 0).split('\n');
    expect(lines[1]).toMatch(/^C( +0\.16\/0\.16){9}$/);
    expect(lines.slice(11).map((line) => line.split(/ +/)[0])).toEqual(
      expect.arrayContaining(['', '4380', 'SNS', 'SNS+PP', 'SNS+SPS', 'SNS+UPNP', '-']),
    );
    expect(serverLoads(1).split('\n')).toHaveLength(7);
  });
});
