import { Ipv4Policy } from '@navalis/address';
import type { TurnTransport } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { ServerRotation, type TurnServer } from '../src/client/server-rotation.ts';
import { ipv4 } from './world.ts';

const policy = new Ipv4Policy({
  strictness: 'strict',
  extraGlobal: [{ address: ipv4('198.51.100.0'), length: 24 }],
});

function serverAt(address: string, port = 3478, transport: TurnTransport = 'udp'): TurnServer {
  return { endpoint: { address: ipv4(address), port }, transport };
}

const first = serverAt('198.51.100.1');
const second = serverAt('198.51.100.2');
const third = serverAt('198.51.100.3');
const alternate = { address: ipv4('198.51.100.9'), port: 3479 };

function rotationOf(...servers: readonly TurnServer[]): ServerRotation {
  return new ServerRotation(servers, policy);
}

/** The servers that come next after so many failures. */
function afterFailures(rotation: ServerRotation, count: number): TurnServer[] {
  return Array.from({ length: count }, () => {
    rotation.failed('silent');
    return rotation.current;
  });
}

/** The pauses after so many failures. */
function pauses(rotation: ServerRotation, count: number): number[] {
  return Array.from({ length: count }, () => rotation.failed('silent'));
}

/** Returns the outcomes of so many redirections in a row. */
function redirections(rotation: ServerRotation, count: number): boolean[] {
  return Array.from({ length: count }, () => rotation.redirect(alternate));
}

describe('the present server', () => {
  it('is the first one, then each in its turn', () => {
    const rotation = rotationOf(first, second, third);
    expect(rotation.current).toBe(first);
    expect(afterFailures(rotation, 4)).toEqual([second, third, first, second]);
  });

  it('is reached directly, and named by its endpoint and transport', () => {
    const rotation = rotationOf(first);
    expect(rotation.remote).toEqual({ address: ipv4('198.51.100.1'), port: 3478 });
    expect(rotation.named).toEqual({ server: { address: ipv4('198.51.100.1'), port: 3478 }, transport: 'udp' });
  });

  it('[TU-21] is reached by its adapter, but not named by it', () => {
    const adapter = { address: ipv4('127.0.0.1'), port: 40_001 };
    const rotation = rotationOf({ ...serverAt('198.51.100.1', 5349, 'tls'), adapter });
    expect(rotation.remote).toEqual({ address: ipv4('127.0.0.1'), port: 40_001 });
    expect(rotation.named).toEqual({ server: { address: ipv4('198.51.100.1'), port: 5349 }, transport: 'tls' });
  });
});

describe('pauses between servers', () => {
  it('[TU-10] come after the last one, and are doubled for each round', () => {
    expect(pauses(rotationOf(first, second, third), 9)).toEqual([0, 0, 1_000, 0, 0, 2_000, 0, 0, 4_000]);
    expect(pauses(rotationOf(first), 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('depend on the last failure', () => {
    const rotation = rotationOf(first, second);
    expect(rotation.failed('wrong-credentials')).toBe(0);
    expect(rotation.failed('quota-reached')).toBe(5_000);
    expect(rotation.failed('silent')).toBe(0);
    expect(rotation.failed('wrong-credentials')).toBe(60_000);
  });

  it('are as long as at first after a success', () => {
    const rotation = rotationOf(first, second);
    expect(pauses(rotation, 5)).toEqual([0, 1_000, 0, 2_000, 0]);
    rotation.succeeded();
    expect(rotation.current).toBe(second);
    expect(pauses(rotation, 3)).toEqual([1_000, 0, 2_000]);
  });
});

describe('redirections', () => {
  it('[TU-10] lead to a server over UDP', () => {
    const rotation = rotationOf(first, second);
    const place = { address: ipv4('198.51.100.9'), port: 1 };
    expect(rotation.redirect(place)).toBe(true);
    // The place belongs to a layout that the next message changes.
    place.port = 2;
    expect(rotation.current).toEqual({ endpoint: { address: ipv4('198.51.100.9'), port: 1 }, transport: 'udp' });
    expect(rotation.remote).toEqual({ address: ipv4('198.51.100.9'), port: 1 });
  });

  it('end with a failure, after which the next configured server comes', () => {
    const rotation = rotationOf(first, second);
    rotation.redirect(alternate);
    expect(rotation.failed('silent')).toBe(0);
    expect(rotation.current).toBe(second);
  });

  it('[TU-10] are followed 3 times in a row, and to the last one', () => {
    const rotation = rotationOf(first);
    expect(redirections(rotation, 3)).toEqual([true, true, true]);
    expect(rotation.redirect({ address: ipv4('198.51.100.10'), port: 3478 })).toBe(false);
    expect(rotation.current.endpoint).toEqual({ address: ipv4('198.51.100.9'), port: 3479 });
  });

  it('[TU-10] are followed 3 times more after a success', () => {
    const rotation = rotationOf(first);
    redirections(rotation, 2);
    rotation.succeeded();
    expect(rotation.current.endpoint).toEqual(alternate);
    expect(redirections(rotation, 4)).toEqual([true, true, true, false]);
  });

  it('[TU-10] are followed 3 times more after a failure', () => {
    const rotation = rotationOf(first);
    redirections(rotation, 3);
    rotation.failed('alternate-server-refused');
    expect(redirections(rotation, 4)).toEqual([true, true, true, false]);
  });

  it.each([
    ['without an endpoint', { address: ipv4('198.51.100.9'), port: -1 }],
    ['to port 0', { address: ipv4('198.51.100.9'), port: 0 }],
    ['to a private address', { address: ipv4('10.0.0.9'), port: 3478 }],
  ])('[TU-10] %s lead nowhere, and do not count', (_, endpoint) => {
    const rotation = rotationOf(first);
    expect(rotation.redirect(endpoint)).toBe(false);
    expect(rotation.current).toBe(first);
    expect(redirections(rotation, 4)).toEqual([true, true, true, false]);
  });

  it.each(['tcp', 'tls'] as const)('of a server over %s lead nowhere', (transport) => {
    const server = serverAt('198.51.100.1', 3478, transport);
    const rotation = rotationOf(server);
    expect(rotation.redirect(alternate)).toBe(false);
    expect(rotation.current).toBe(server);
  });
});

describe('other servers', () => {
  it('[TU-22] begin with the first one when none is in use', () => {
    const rotation = rotationOf(first, second);
    rotation.failed('silent');
    rotation.replace([third, second, first], false);
    expect(rotation.current).toBe(third);
    expect(afterFailures(rotation, 3)).toEqual([second, first, third]);
  });

  it('[TU-22] take the place of an unknown one that is not in use', () => {
    const rotation = rotationOf(first);
    rotation.redirect(alternate);
    rotation.replace([second, third], false);
    expect(rotation.current).toBe(second);
    expect(afterFailures(rotation, 2)).toEqual([third, second]);
  });

  it('[TU-22] follow the one in use, which has no place among them', () => {
    const rotation = rotationOf(first, second);
    rotation.replace([second, third], true);
    expect(rotation.current).toBe(first);
    expect(rotation.failed('silent')).toBe(1_000);
    expect(rotation.current).toBe(second);
    expect(afterFailures(rotation, 2)).toEqual([third, second]);
  });

  it.each([
    ['first', 0, second],
    ['second', 1, third],
    ['last', 2, first],
  ])('[TU-22] keep the %s one in use, in its place and with its adapter', (_, index, next) => {
    const adapter = { address: ipv4('127.0.0.1'), port: 40_001 };
    const servers = [first, second, third].with(index, { ...[first, second, third][index]!, adapter });
    const rotation = rotationOf([first, second, third][index]!);
    rotation.replace(servers, true);
    expect(rotation.current).toBe(servers[index]);
    expect(rotation.remote).toEqual(adapter);
    expect(afterFailures(rotation, 1)).toEqual([next]);
  });

  it('[TU-22] keep one that the client was redirected to, if it is among them', () => {
    const rotation = rotationOf(first);
    rotation.redirect(alternate);
    const configured = serverAt('198.51.100.9', 3479);
    rotation.replace([second, configured, third], true);
    expect(rotation.current).toBe(configured);
    expect(afterFailures(rotation, 1)).toEqual([third]);
  });

  it.each([
    ['address', serverAt('198.51.100.2', 3478, 'udp')],
    ['port', serverAt('198.51.100.1', 3479, 'udp')],
    ['transport', serverAt('198.51.100.1', 3478, 'tcp')],
  ])('of another %s are not the one in use', (_, other) => {
    const rotation = rotationOf(first);
    rotation.replace([other], true);
    expect(rotation.current).toBe(first);
    expect(afterFailures(rotation, 1)).toEqual([other]);
  });
});
