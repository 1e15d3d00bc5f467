import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseIpv4, writeUint16 } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strangerAddress } from './fake-router.ts';
import { MappedHost } from './mapped-host.ts';

let host: MappedHost;
beforeEach(async () => {
  host = await MappedHost.create();
});
afterEach(() => host.close());

const external = { address: parseIpv4('203.0.113.7')!, port: 40_000 };

describe('a mapper', () => {
  it.each([
    ['pcp', { speaksPcp: true, speaksNatPmp: true, speaksUpnp: true }],
    ['nat-pmp', { speaksNatPmp: true, speaksUpnp: true }],
    ['upnp', { speaksUpnp: true }],
  ] as const)(
    '[HP-02][UPNP-19] asks by %s where the router speaks none before it, and makes one mapping',
    async (protocol, speaks) => {
      const { router } = Object.assign(host, { router: Object.assign(host.router, speaks) });
      await host.map();
      expect(host.mapper.mapping).toEqual({ protocol, ...host.route(), external, isNested: false });
      expect(host.events).toEqual([{ kind: 'mapped', mapping: host.mapper.mapping }]);
      expect([...router.mappings.keys()]).toEqual([40_000]);
      expect(router.calls.filter(({ action }) => action === 'AddPortMapping')).toHaveLength(
        protocol === 'upnp' ? 1 : 0,
      );
    },
  );

  it('[UPNP-19] keeps to the protocols that it may ask by', async () => {
    Object.assign(host.router, { speaksPcp: true, speaksNatPmp: true, speaksUpnp: true });
    host.restart(['nat-pmp']);
    await host.map();
    expect(host.mapper.mapping).toMatchObject({ protocol: 'nat-pmp' });
    expect(host.router.control).not.toContain('2/1');
    expect(host.router.searches).toBe(0);
  });

  it('[UPNP-17] is done within 3 s where the router is mute, and says so once', async () => {
    const startedAt = performance.now();
    await host.map();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(host.mapper.mapping).toBeUndefined();
    expect(host.events).toEqual([{ kind: 'unavailable', gateway: host.route().gateway, refusals: [] }]);
    await host.pass(60_000);
    expect(host.events).toHaveLength(1);
    expect(host.router.control.filter((request) => request === '2/1')).toHaveLength(6);
  });

  it('[UPNP-17] asks a mute router again after 1 min, then at growing intervals up to 30 min', async () => {
    host.restart(['nat-pmp']);
    await host.map();
    const minutes: number[] = [];
    for (let times = 0; times < 7; times++) {
      const waitMs = Math.max(...host.time.waiting);
      minutes.push(Math.round(waitMs / 60_000));
      await host.pass(waitMs + 10);
    }
    expect(minutes).toEqual([1, 2, 4, 8, 16, 30, 30]);
    host.router.speaksNatPmp = true;
    await host.pass(1_800_000);
    expect(host.mapper.mapping).toMatchObject({ protocol: 'nat-pmp' });
  });

  it('[UPNP-17] does not wait longer than asked', async () => {
    host.mapper.follow(host.route());
    const startedAt = performance.now();
    await host.mapper.settled(100);
    expect(performance.now() - startedAt).toBeLessThan(700);
  });

  it('tells why the router refuses', async () => {
    Object.assign(host.router, {
      speaksPcp: true,
      pcpResult: 2,
      speaksNatPmp: true,
      natPmpResult: 4,
      speaksUpnp: true,
    });
    host.router.faults = { AddPortMapping: 718 };
    await host.map();
    expect(host.events).toEqual([
      {
        kind: 'unavailable',
        gateway: host.route().gateway,
        refusals: [
          { protocol: 'pcp', reason: 'it does not allow mappings for this host' },
          { protocol: 'nat-pmp', reason: 'it has no resources left' },
          { protocol: 'upnp', reason: 'another mapping has that port' },
        ],
      },
    ]);
  });

  it.each([
    ['0 s', 0, 30_000],
    ['a minute and a half', 90, 90_000],
    ['a day', 86_400, 3_600_000],
  ])(
    '[UPNP-21] repeats no request that the router refused by PCP for %s, within bounds, and asks by the others',
    async (_, lifetimeSeconds, heldMs) => {
      Object.assign(host.router, {
        speaksPcp: true,
        pcpResult: 8,
        lifetimeSeconds,
        speaksNatPmp: true,
        natPmpResult: 4,
      });
      host.restart(['pcp', 'nat-pmp']);
      const requests = (wanted: string) => host.router.control.filter((request) => request === wanted).length;
      const startedAt = host.time.now();
      await host.map();
      expect([requests('2/1'), requests('0/0')]).toEqual([1, 1]);
      for (let attempts = 2; requests('2/1') === 1; attempts++) {
        await host.pass(Math.max(...host.time.waiting) + 10);
        expect(requests('0/0')).toBe(attempts);
        expect(requests('2/1') === 1).toBe(host.time.now() - startedAt < heldMs);
      }
      expect(host.kinds).toEqual(['unavailable']);
    },
  );

  it.each(['another port', 'a sleep'])('[UPNP-21] asks again before a refusal ends after %s', async (change) => {
    Object.assign(host.router, { speaksPcp: true, pcpResult: 8 });
    host.restart(['pcp']);
    await host.map();
    host.router.pcpResult = 0;
    if (change === 'another port') {
      await host.map(40_001);
    } else {
      host.mapper.look();
      await host.mapper.settled(10_000);
    }
    expect(host.mapper.mapping).toMatchObject({ protocol: 'pcp' });
  });

  it('[UPNP-21] tells a refusal that still holds when another protocol fails, too', async () => {
    Object.assign(host.router, { speaksPcp: true, pcpResult: 8, speaksUpnp: true });
    host.restart(['pcp', 'upnp']);
    await host.map();
    host.router.faults = { AddPortMapping: 718 };
    host.router.mappings.clear();
    await host.pass(60_000);
    expect(host.events.at(-1)).toMatchObject({
      kind: 'unavailable',
      refusals: [{ protocol: 'pcp', reason: 'it has no resources left' }, { protocol: 'upnp' }],
    });
    expect(host.router.control.filter((request) => request === '2/1')).toHaveLength(1);
  });

  it('knows the external port that the router chose', async () => {
    Object.assign(host.router, { speaksPcp: true, externalPort: () => 50_000 });
    await host.map();
    expect(host.mapper.mapping?.external).toEqual({ ...external, port: 50_000 });
  });

  it('reports an external address that is not global: another NAT stands before the router', async () => {
    Object.assign(host.router, { speaksNatPmp: true, external: '192.168.0.5' });
    await host.map();
    expect(host.mapper.mapping).toMatchObject({ isNested: true, external: { address: parseIpv4('192.168.0.5')! } });
  });

  it.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'])(
    '[UPNP-18] does not believe the external address %s, and undoes the mapping',
    async (address) => {
      Object.assign(host.router, { speaksPcp: true, external: address });
      host.restart(['pcp']);
      await host.map();
      expect(host.mapper.mapping).toBeUndefined();
      expect(host.mapper.drops).toEqual({ 'mapping-bad-address': 1 });
      expect(host.router.mappings.size).toBe(0);
      expect(host.events).toMatchObject([{ kind: 'unavailable', refusals: [{ protocol: 'pcp' }] }]);
    },
  );

  it('costs nothing while it follows no route', async () => {
    host.mapper.follow(undefined);
    await host.mapper.settled(1_000);
    expect([host.router.control, host.router.searches, host.events]).toEqual([[], 0, []]);
  });
});

describe('a mapping', () => {
  it.each(['pcp', 'nat-pmp', 'upnp'] as const)(
    '[UPNP-15] by %s is removed at the end, and forgotten',
    async (protocol) => {
      host.restartWith(protocol);
      await host.map();
      expect(host.router.mappings.size).toBe(1);
      expect(host.memory.mappingsAt(host.route().gateway, protocol)).toHaveLength(1);
      await host.mapper.close(3_000);
      expect(host.router.mappings.size).toBe(0);
      host.restart();
      expect(host.memory.mappingsAt(host.route().gateway, protocol)).toEqual([]);
    },
  );

  it('[UPNP-15] stays in the memory while the router is mute at the end, which takes no longer than allowed', async () => {
    host.router.speaksPcp = true;
    await host.map();
    host.router.speaksPcp = false;
    const startedAt = performance.now();
    await host.mapper.close(300);
    expect(performance.now() - startedAt).toBeLessThan(700);
    host.restart();
    expect(host.memory.mappingsAt(host.route().gateway, 'pcp')).toHaveLength(1);
  });

  it.each(['pcp', 'nat-pmp'] as const)(
    '[UPNP-15] by %s of a run that was killed is removed when the port is another one',
    async (protocol) => {
      Object.assign(host.router, { speaksPcp: protocol === 'pcp', speaksNatPmp: protocol === 'nat-pmp' });
      await host.map();
      host.restart();
      await host.map(40_001);
      expect([...host.router.mappings.keys()]).toEqual([40_001]);
      expect(host.memory.mappingsAt(host.route().gateway, protocol).map(({ port }) => port)).toEqual([40_001]);
    },
  );

  it('by PCP of a run that was killed is renewed with its nonce', async () => {
    host.router.speaksPcp = true;
    await host.map();
    const nonces = [...host.router.mappings.values()];
    host.restart();
    await host.map();
    expect([...host.router.mappings.values()]).toEqual(nonces);
  });

  it('moves with the port of this host', async () => {
    host.router.speaksNatPmp = true;
    await host.map();
    await host.map(40_001);
    expect([...host.router.mappings.keys()]).toEqual([40_001]);
    expect(host.kinds).toEqual(['mapped', 'lost', 'mapped']);
  });

  it('is not asked for at a router that is not there any more', async () => {
    host.router.speaksNatPmp = true;
    await host.map();
    host.mapper.follow({ ...host.route(), gateway: parseIpv4('127.0.0.9')! });
    await host.mapper.settled(10_000);
    expect(host.kinds).toEqual(['mapped', 'lost', 'unavailable']);
    expect(host.router.mappings.size).toBe(1);
    await host.map();
    expect(host.kinds).toEqual(['mapped', 'lost', 'unavailable', 'mapped']);
  });

  it('is removed when the request for it was given up meanwhile', async () => {
    host.router.speaksNatPmp = true;
    host.mapper.follow(host.route());
    host.mapper.follow(host.route(40_001));
    await host.mapper.close(3_000);
    expect(host.router.mappings.size).toBe(0);
  });

  it('is renewed at half of its lifetime', async () => {
    Object.assign(host.router, { speaksPcp: true, lifetimeSeconds: 600 });
    await host.map();
    const requests = () => host.router.control.filter((request) => request === '2/1').length;
    for (let minute = 1; minute <= 12; minute++) {
      host.router.epochSeconds += 60;
      await host.pass(60_000);
    }
    expect(requests()).toBe(3);
    expect(host.kinds).toEqual(['mapped']);
  });

  it.each(['pcp', 'nat-pmp', 'upnp'] as const)(
    '[HP-02] by %s is made again within a minute after the router restarted',
    async (protocol) => {
      host.restartWith(protocol);
      await host.map();
      host.router.mappings.clear();
      host.router.epochSeconds = 3;
      await host.pass(60_000);
      expect([...host.router.mappings.keys()]).toEqual([40_000]);
      expect(host.kinds).toEqual(['mapped', 'restored']);
    },
  );

  it.each(['nat-pmp', 'upnp'] as const)(
    'by %s is reported again when the router has another address',
    async (protocol) => {
      Object.assign(host.router, { speaksNatPmp: protocol === 'nat-pmp', speaksUpnp: protocol === 'upnp' });
      host.restart([protocol]);
      await host.map();
      Object.assign(host.router, { external: '203.0.113.8', epochSeconds: 1_060 });
      await host.pass(60_000);
      expect(host.events.at(-1)).toMatchObject({
        kind: 'mapped',
        mapping: { external: { address: parseIpv4('203.0.113.8')! } },
      });
    },
  );

  it('is made again when the router announces its restart, at once', async () => {
    host.router.speaksNatPmp = true;
    await host.map();
    host.router.mappings.clear();
    host.router.epochSeconds = 0;
    host.time.advance(6_000);
    host.router.sendTo(Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 0, 203, 0, 113, 7), host.ports.announcements);
    await expect.poll(() => host.router.mappings.size).toBe(1);
    await host.mapper.settled(3_000);
    expect(host.kinds).toEqual(['mapped', 'restored']);
  });

  it('[UPNP-18] is asked about, and not given up, when another host announces a restart', async () => {
    host.router.speaksNatPmp = true;
    await host.map();
    host.time.advance(6_000);
    host.router.epochSeconds += 6;
    const before = host.router.control.length;
    host.router.sendTo(Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 0, 6, 6, 6, 6), host.ports.announcements);
    await expect.poll(() => host.router.control.length).toBe(before + 1);
    await host.mapper.settled(3_000);
    expect([host.kinds, host.mapper.mapping?.external]).toEqual([['mapped'], external]);
  });

  it.each([
    ['another host', strangerAddress, true],
    ['another port of the router', '127.0.0.2', false],
  ])('[UPNP-18] is not asked about when %s announces a restart', async (_, address, isControlPort) => {
    host.router.speaksNatPmp = true;
    await host.map();
    host.time.advance(6_000);
    const before = host.router.control.length;
    const socket = createSocket('udp4').bind(isControlPort ? host.ports.control : 0, address);
    await once(socket, 'listening');
    const announcement = Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 0, 6, 6, 6, 6);
    socket.send(announcement, host.ports.announcements, '127.0.0.1');
    await expect.poll(() => host.mapper.drops['mapping-other-source']).toBe(1);
    socket.close();
    await host.mapper.settled(3_000);
    expect([host.kinds, host.router.control.length]).toEqual([['mapped'], before]);
  });

  it.each([
    ['PCP', 'nonce', 'pcp', 24],
    ['PCP', 'port', 'pcp', 40],
    ['NAT-PMP', 'port', 'nat-pmp', 8],
  ] as const)('[UPNP-18] by %s is not taken from an answer with another %s', async (_, __, protocol, offset) => {
    Object.assign(host.router, { speaksPcp: protocol === 'pcp', speaksNatPmp: protocol === 'nat-pmp' });
    host.router.forge = (answer) => {
      if (answer.length < 16) return answer;
      writeUint16(answer, offset, 6_666);
      writeUint16(answer, protocol === 'pcp' ? 42 : 10, 6_666);
      return answer;
    };
    host.restart([protocol]);
    await host.map();
    expect(host.mapper.mapping?.external).toEqual(external);
    expect(host.mapper.drops).toEqual({ 'mapping-not-asked': 1 });
  });

  it('is not looked at any more once it is being removed', async () => {
    host.router.speaksPcp = true;
    await host.map();
    const closed = host.mapper.close(3_000);
    host.mapper.look();
    await closed;
    await host.mapper.settled(3_000);
    expect(host.router.mappings.size).toBe(0);
    expect(host.memory.mappingsAt(host.route().gateway, 'pcp')).toEqual([]);
  });

  it('ends when the router has been mute for 3 min, and comes back with it', async () => {
    host.restart(['pcp']);
    host.router.speaksPcp = true;
    await host.map();
    host.router.speaksPcp = false;
    await host.pass(60_000);
    await host.pass(60_000);
    expect(host.kinds).toEqual(['mapped']);
    await host.pass(60_000);
    expect(host.kinds).toEqual(['mapped', 'lost', 'unavailable']);
    host.router.speaksPcp = true;
    await host.pass(60_000);
    expect(host.kinds).toEqual(['mapped', 'lost', 'unavailable', 'mapped']);
  });
});
