import { describe, expect, it } from 'vitest';
import { usesOf } from '../src/scenarios/million/bottleneck.ts';
import { fleetText } from '../src/scenarios/million/fleet-report.ts';
import { FleetRun, recoveryTimes } from '../src/scenarios/million/fleet-run.ts';

const size = { clients: 300, servers: 8, relays: 4, talkers: 10, startMs: 1000 };

describe('a fleet of servers and relays with its clients', () => {
  const fleet = new FleetRun(size, 1);
  fleet.start();
  fleet.mappings();
  fleet.relays();
  fleet.servers();
  const incident = (name: string) => fleet.incidents.find((each) => each.name === name)!;
  const last = (name: string) => recoveryTimes(incident(name))![2];

  it('has an address for each client in the end, and answers to nearly all requests', () => {
    expect(fleet.population.qualified).toBe(size.clients);
    expect(fleet.answeredShare).toBeGreaterThan(0.95);
  });

  it('recovers from each incident for all that it hit', () => {
    for (const { hit, recoveries } of fleet.incidents) expect(recoveries).toHaveLength(hit);
    expect(fleet.incidents.map(({ hit }) => hit > 0)).toEqual([
      ...[true, true, false],
      ...[true, true, true, true],
      ...[true, false, true, false],
    ]);
  });

  it('does not count a client whose NAT maps the same port again after a reboot', () => {
    const lucky = new FleetRun(size, 1);
    lucky.start();
    // The number of a NAT that reboots.
    lucky.population.nats[3]!.reboot = () => {};
    lucky.mappings();
    const [, , , reboot] = lucky.incidents;
    expect(reboot).toMatchObject({ hit: size.clients / 20 - 1 });
    expect(reboot!.recoveries).toHaveLength(reboot!.hit);
  });

  it('gives clients of 3 dead servers of 8 another address within 60 s', () => {
    expect(incident('three servers die at once').hit).toBeGreaterThan(80);
    expect(last('three servers die at once')).toBeLessThan(60_000);
  });

  it('has clients that do not solicit in step, although they started in one second: deaths cause no rush', () => {
    // All of them in the same second would be 26 times the average.
    expect(incident('three servers die at once').servers.peakToAverage).toBeLessThan(3);
  });

  it('names the limit of which most was used as the first bottleneck', () => {
    const load = { ...incident('a relay fails').relays, mostNewEntries: 50, mostEntries: 60_000 };
    const [first, second] = usesOf([{ ...incident('a relay fails'), relays: load }]);
    expect(first).toMatchObject({ what: 'clients in the table of one relay', used: 60_000, limit: 65_536 });
    expect(second).toMatchObject({ what: 'new clients a second at one relay', used: 50, limit: 100 });
    const text = fleetText(fleet, { seconds: 3, processorSeconds: 4, memoryMb: 100 });
    expect(text).toContain('First bottleneck: ');
    expect(text).toContain('in 3 s of wall time, 4 s of processors');
    expect(text).toContain('peak resident memory 100 MB');
  });
});
