import type { Ipv4Value } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import type { QualificationOptions } from '../src/index.ts';
import { endpoint, ipv4, local, mapped, otherServer, SteadyRandom, server, World } from './world.ts';

const silent = (): undefined => undefined;
const all = Array.from({ length: 5 }, (_, index) => ({
  primary: ipv4(`198.51.${index}.10`),
  secondary: ipv4(`198.51.${index}.11`),
}));

/** The waits of so many rounds, in milliseconds. */
function waitsOf(
  rounds: number,
  options: Partial<QualificationOptions> = {},
  random: ConstructorParameters<typeof World>[1] = 1,
  respond: World['mappingTowards'] = silent,
) {
  const world = new World(options, random);
  world.mappingTowards = respond;
  world.start();
  const waits: number[] = [];
  while (waits.length < rounds) {
    // Several servers follow each other without a wait.
    while (world.kind !== 'off-line' || world.untilDeadline === 0) world.pass(world.untilDeadline);
    waits.push(world.untilDeadline);
    expect(world.outputs.events.findLast(({ kind }) => kind === 'off-line')).toMatchObject({
      retryInMs: world.untilDeadline,
    });
    world.pass(world.untilDeadline);
  }
  return waits;
}

function expectWaits(waits: readonly number[], nominalSeconds: readonly number[]): void {
  expect(waits).toHaveLength(nominalSeconds.length);
  for (const [round, wait] of waits.entries()) {
    expect(Math.abs(wait / 1000 / nominalSeconds[round]! - 1)).toBeLessThanOrEqual(0.1);
  }
}

describe('a client that is off-line', () => {
  it('[CL-Q-28] tries again after 1 s, then after waits that double up to 45 s, each within 10 %', () => {
    const waits = waitsOf(9);
    expectWaits(waits, [1, 2, 4, 8, 16, 32, 45, 45, 45]);
    expect(new Set(waits.slice(6)).size).toBe(3);
  });

  it('[CL-Q-28] with up to 5 servers asks somebody at least each minute, and waits 1 s between rounds at least', () => {
    expect(Math.max(...waitsOf(9, { servers: [server, otherServer] }))).toBeLessThanOrEqual(36_300);
    expect(Math.max(...waitsOf(9, { servers: all }))).toBeLessThanOrEqual(1_100);
    expect(Math.min(...waitsOf(9, { servers: all }))).toBeGreaterThanOrEqual(900);
    expect(Math.max(...waitsOf(9, { trustsConeBit: true, servers: all.slice(0, 2) }))).toBeLessThanOrEqual(23_100);
  });

  it.each([
    ['symmetric', (address: Ipv4Value) => (address === server.primary ? mapped : endpoint('192.0.2.1:5000'))],
    ['mapped-not-global', () => endpoint('10.0.0.1:4096')],
  ])('[CL-Q-28] although the server answers (%s) waits up to 600 s: only another network helps', (_, respond) => {
    expectWaits(waitsOf(12, {}, 1, respond), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
  });

  it('[CL-Q-28][CL-C-04] with a fixed port waits up to 360 s, so that a NAT forgets a mapping that leads nowhere', () => {
    expectWaits(waitsOf(11, { keepsPort: true }), [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
  });

  const onlyPrimary = (address: Ipv4Value) => (address === server.primary ? mapped : undefined);
  const secure = { clientIdentifier: Uint8Array.of(1), secret: Uint8Array.of(2), algorithm: 'hmac-sha1' as const };
  it.each<[string, Partial<QualificationOptions>, World['mappingTowards'], number]>([
    ['server-silent', {}, silent, 45_000],
    ['no-authenticated-answer', { secure }, silent, 45_000],
    ['secondary-silent', {}, onlyPrimary, 45_000],
    ['no-route', { unreachable: [server.primary] }, silent, 45_000],
    ['server-silent', { servers: [server, otherServer] }, silent, 33_000],
    ['server-silent', { servers: [server, otherServer], trustsConeBit: true }, silent, 21_000],
    ['server-silent', { keepsPort: true }, silent, 360_000],
    ['mapped-not-global', {}, () => endpoint('10.0.0.1:4096'), 600_000],
    ['symmetric', {}, (address) => (address === server.primary ? mapped : endpoint('192.0.2.1:5000')), 600_000],
  ])('[CL-Q-28] doubles its wait exactly from 1 s up, while the reason is %s (%j)', (_, options, respond, longest) => {
    const nominal = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((round) => Math.min(longest, 1_000 * 2 ** round));
    expect(waitsOf(11, options, new SteadyRandom(), respond)).toEqual(nominal);
  });

  it.each([
    [0, 900],
    [0.25, 950],
    [1 - 2 ** -32, 1_100],
  ])('[CL-Q-28] waits a tenth less or more at most: a draw of %d gives %d ms', (share, wait) => {
    expect(waitsOf(1, {}, new SteadyRandom(share))).toEqual([wait]);
  });

  it('[CL-Q-28] draws its waits: two clients that are cut off together do not come back together', () => {
    const waits = [1, 2, 3, 4, 5].map((seed) => waitsOf(7, {}, seed)[6]);
    expect(new Set(waits).size).toBe(5);
  });

  it('[CL-Q-28] tries 1 s after the loss of an address, whatever failed before it', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start().pass(200_000);
    world.mappingTowards = () => mapped;
    world.pass(60_000);
    expect(world.kind).toBe('qualified');
    world.mappingTowards = silent;
    while (world.kind !== 'off-line') world.pass(world.untilDeadline);
    expect(world.untilDeadline).toBeLessThanOrEqual(1_100);
  });

  it('[CL-Q-21] tells why also while it tries again, until it has an address or the network is another one', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start();
    expect(world.qualification.lastFailure).toBeUndefined();
    world.pass(12_000);
    expect(world.qualification.lastFailure).toBe('server-silent');
    world.pass(1_100);
    expect(world.kind).toBe('soliciting-primary');
    expect(world.qualification.lastFailure).toBe('server-silent');
    world.qualification.networkChanged(world.now);
    expect(world.qualification.lastFailure).toBeUndefined();
    world.mappingTowards = (address) => (address === server.primary ? mapped : undefined);
    world.pass(40_000);
    expect(world.qualification.lastFailure).toBe('secondary-silent');
    world.mappingTowards = () => mapped;
    world.pass(40_000);
    expect(world.kind).toBe('qualified');
    expect(world.qualification.lastFailure).toBeUndefined();
    world.mappingTowards = silent;
    world.pass(60_000);
    world.qualification.stop(world.now);
    world.start();
    expect(world.qualification.lastFailure).toBeUndefined();
  });

  it('[CL-Q-28] retries at once when the network changes, and starts the back-off again', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start().pass(200_000);
    while (world.kind !== 'off-line') world.pass(1000);
    expect(world.untilDeadline).toBeGreaterThan(5_000);
    world.qualification.networkChanged(world.now);
    expect(world.kind).toBe('soliciting-primary');
    world.pass(12_000);
    expect(world.untilDeadline).toBeLessThanOrEqual(1_100);
  });

  it('[CL-Q-28] starts the back-off again after a stop', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start().pass(200_000);
    world.qualification.stop(world.now);
    world.start().pass(12_000);
    expect(world.untilDeadline).toBeLessThanOrEqual(1_100);
  });

  it('[CL-C-09] tries the next server at once and waits only when all have failed', () => {
    const world = new World({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    const start = world.now;
    world.start().pass(24_000);
    expect(world.solicitations.map((each) => [each.at - start, each.address])).toEqual([
      [0, server.primary],
      [4000, server.primary],
      [8000, server.primary],
      [12_000, otherServer.primary],
      [16_000, otherServer.primary],
      [20_000, otherServer.primary],
    ]);
    expect(world.kind).toBe('off-line');
    expect(world.untilDeadline).toBeGreaterThanOrEqual(900);
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.pass(60_000);
    expect(world.qualification.assignment?.address.word1).toBe(otherServer.primary);
  });
});

describe('a new service port', () => {
  const wanted = (world: World) => world.eventKinds().filter((kind) => kind === 'new-port-wanted').length;

  it('[CL-Q-31] is asked for after each round of failures, not between two servers', () => {
    const world = new World({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    world.start().pass(23_999);
    expect(wanted(world)).toBe(0);
    world.pass(1);
    expect(wanted(world)).toBe(1);
    world.pass(1_100 + 24_000);
    expect(wanted(world)).toBe(2);
  });

  it('[CL-Q-31] is asked for at the loss of an address that nobody answers at, before the next server is tried', () => {
    const world = new World({ servers: [server, otherServer] }).start();
    world.mappingTowards = silent;
    world.pass(world.untilDeadline + 12_000);
    expect(world.eventKinds().slice(2)).toEqual([
      'address-lost',
      'off-line',
      'new-port-wanted',
      'qualification-started',
    ]);
    expect(world.qualification.server).toEqual(otherServer);
  });

  it('[CL-Q-31][CL-C-04] is never asked for by a client whose port is fixed', () => {
    const world = new World({ keepsPort: true }).start();
    world.mappingTowards = silent;
    world.pass(600_000);
    expect(world.eventKinds()).toContain('off-line');
    expect(wanted(world)).toBe(0);
  });

  it('[CL-Q-31][CL-N-10] is the local one from then on: no NAT where the mapping is equal to it', () => {
    const world = new World({ local: { ...mapped, port: 1 } });
    world.mappingTowards = silent;
    world.start().pass(12_000);
    world.qualification.portChanged(mapped.port);
    expect(world.kind).toBe('off-line');
    expect(world.untilDeadline).toBeGreaterThan(0);
    world.mappingTowards = () => mapped;
    world.pass(2_000);
    expect(world.qualification.assignment?.nat).toBe('none');
    expect(world.qualification.isPortPreserving).toBe(true);
    expect(world.qualification.linkLocal.word2 & 0xffff).toBe(mapped.port ^ 0xffff);
    expect(local.port).not.toBe(mapped.port);
  });
});
