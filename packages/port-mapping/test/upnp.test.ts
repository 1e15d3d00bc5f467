import { createSocket, type Socket } from 'node:dgram';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseIpv4 } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ssdpAnswer, strangerAddress } from './fake-router.ts';
import { MappedHost } from './mapped-host.ts';

let host: MappedHost;
beforeEach(async () => {
  host = await MappedHost.create(['upnp']);
  host.router.speaksUpnp = true;
});
afterEach(() => host.close());

/** The arguments that name the mapping. */
const entry = [
  ['NewRemoteHost', ''],
  ['NewExternalPort', '40000'],
  ['NewProtocol', 'UDP'],
];

const actions = () => host.router.calls.map(({ action }) => action);
const remembered = () => host.memory.mappingsAt(host.route().gateway, 'upnp');

describe('a mapping by UPnP', () => {
  it('[UPNP-05][HP-02] is asked for with the arguments of RFC 6081 5.3.3', async () => {
    await host.map();
    expect(host.router.calls[0]).toEqual({
      action: 'AddPortMapping',
      service: 'urn:schemas-upnp-org:service:WANIPConnection:2',
      args: [
        ['NewRemoteHost', ''],
        ['NewExternalPort', '40000'],
        ['NewProtocol', 'UDP'],
        ['NewInternalPort', '40000'],
        ['NewInternalClient', '127.0.0.1'],
        ['NewEnabled', '1'],
        ['NewPortMappingDescription', 'TEREDO'],
        ['NewLeaseDuration', '0'],
      ],
    });
  });

  it('[UPNP-07][UPNP-09] is followed by a request for the external address, which it takes', async () => {
    host.router.external = '198.51.100.7';
    await host.map();
    expect(actions()).toEqual(['AddPortMapping', 'GetExternalIPAddress']);
    expect(remembered().map(({ port }) => port)).toEqual([40_000]);
    expect(host.mapper.mapping?.external).toEqual({ address: parseIpv4('198.51.100.7'), port: 40_000 });
  });

  it('[UPNP-04][UPNP-15] of a run that was killed is deleted before the next one asks', async () => {
    await host.map();
    host.restart(['upnp']);
    host.router.calls.length = 0;
    await host.map();
    expect(actions()).toEqual([
      'GetSpecificPortMappingEntry',
      'DeletePortMapping',
      'AddPortMapping',
      'GetExternalIPAddress',
    ]);
    expect(host.router.calls[1]?.args).toEqual(entry);
  });

  it('[UPNP-15] is deleted once at the end; without one there is no call', async () => {
    await host.map();
    host.router.calls.length = 0;
    await host.mapper.close(3_000);
    expect(host.router.calls.map(({ action, args }) => [action, args])).toEqual([
      ['GetSpecificPortMappingEntry', entry],
      ['DeletePortMapping', entry],
    ]);
    host.restart(['upnp']);
    host.router.calls.length = 0;
    await host.mapper.close(3_000);
    expect(host.router.calls).toEqual([]);
  });

  describe('whose port the router maps to another host', () => {
    beforeEach(async () => {
      await host.map();
      host.router.internalClient = '127.0.0.77';
      host.router.calls.length = 0;
    });

    it('[UPNP-20] is not removed at the end, and forgotten', async () => {
      await host.mapper.close(3_000);
      expect(actions()).toEqual(['GetSpecificPortMappingEntry']);
      expect([[...host.router.mappings.keys()], remembered()]).toEqual([[40_000], []]);
    });

    it('[UPNP-20] is not removed by the next run, which says so', async () => {
      host.router.faults = { AddPortMapping: 718 };
      host.restart(['upnp']);
      host.events.length = 0;
      await host.map();
      expect(actions()).toEqual(['GetSpecificPortMappingEntry', 'AddPortMapping']);
      expect(host.events).toMatchObject([{ kind: 'foreign', port: 40_000 }, { kind: 'unavailable' }]);
      expect([[...host.router.mappings.keys()], remembered()]).toEqual([[40_000], []]);
    });
  });

  it('[UPNP-20] of an earlier address of this host is removed', async () => {
    await host.map();
    host.router.calls.length = 0;
    host.restart(['upnp']);
    host.mapper.follow({ ...host.route(), local: { address: parseIpv4('127.0.0.4')!, port: 40_000 } });
    await host.mapper.settled(10_000);
    expect(actions().slice(0, 3)).toEqual(['GetSpecificPortMappingEntry', 'DeletePortMapping', 'AddPortMapping']);
  });

  it.each([
    [401, true],
    [602, true],
    [606, false],
    [501, false],
  ])('[UPNP-20] is removed all the same where the router cannot tell its host (error %i)', async (code, isRemoved) => {
    await host.map();
    host.router.faults = { GetSpecificPortMappingEntry: code };
    await host.mapper.close(3_000);
    expect([...host.router.mappings.keys()]).toEqual(isRemoved ? [] : [40_000]);
    expect(remembered()).toHaveLength(isRemoved ? 0 : 1);
  });

  it.each([
    [718, 'another mapping has that port'],
    [606, 'it does not allow mappings'],
    [799, 'UPnP error 799'],
  ])('[UPNP-06] is done without after error %i', async (code, reason) => {
    host.router.faults = { AddPortMapping: code };
    await host.map();
    expect(host.events).toMatchObject([{ kind: 'unavailable', refusals: [{ protocol: 'upnp', reason }] }]);
    expect(actions()).toEqual(['AddPortMapping']);
    expect(remembered()).toEqual([]);
  });

  it('[UPNP-06][UPNP-17] is done without when the router never answers', async () => {
    host.router.serve = () => undefined;
    await host.map();
    expect(host.events).toMatchObject([{ kind: 'unavailable', refusals: [] }]);
  });

  it('[UPNP-08] is deleted when the router does not tell its address', async () => {
    host.router.faults = { GetExternalIPAddress: 501 };
    await host.map();
    expect(actions()).toEqual(['AddPortMapping', 'GetExternalIPAddress', 'DeletePortMapping']);
    expect(host.mapper.mapping).toBeUndefined();
    expect(host.events).toMatchObject([
      { kind: 'unavailable', refusals: [{ reason: 'it does not tell its external address' }] },
    ]);
  });

  it('of IGD 1 and of PPP is asked for by that service, at the base that the router names', async () => {
    host.router.urlBase = `http://127.0.0.2:${host.router.httpPort}/base/`;
    host.router.controlUrl = 'ctl?wan=1';
    host.router.service = 'urn:schemas-upnp-org:service:WANPPPConnection:1';
    await host.map();
    expect(host.router.calls[0]).toMatchObject({ service: 'urn:schemas-upnp-org:service:WANPPPConnection:1' });
    expect(host.mapper.mapping).toBeDefined();
  });

  it('is asked for again once an hour', async () => {
    await host.map();
    for (let minute = 0; minute < 61; minute++) await host.pass(60_000);
    expect(actions().filter((action) => action === 'AddPortMapping')).toHaveLength(2);
    expect(host.kinds).toEqual(['mapped']);
  });

  it('that another host took over is not kept', async () => {
    await host.map();
    host.router.faults = { AddPortMapping: 718, DeletePortMapping: 606 };
    host.router.mappings.clear();
    await host.pass(60_000);
    expect(host.kinds).toEqual(['mapped', 'lost', 'unavailable']);
  });
});

describe('[UPNP-18] a hostile answer by UPnP', () => {
  async function refused(reason: string, least = 1): Promise<void> {
    await host.map();
    expect(host.mapper.mapping).toBeUndefined();
    expect(host.kinds).toEqual(['unavailable']);
    expect(host.mapper.drops[reason as 'mapping-malformed'] ?? 0).toBeGreaterThanOrEqual(least);
  }

  it('that names another host is not followed', async () => {
    const hits: string[] = [];
    const other = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, strangerAddress, resolve));
    const { port } = other.address() as AddressInfo;
    host.router.searchAnswer = () => ssdpAnswer(`http://${strangerAddress}:${port}/x.xml`);
    await refused('mapping-other-location');
    expect(hits).toEqual([]);
    other.close();
  });

  it.each(['https://127.0.0.2/x', 'file:///etc/passwd', 'http://localhost/x', 'http://', '//'])(
    'that names %s is not followed',
    async (location) => {
      host.router.searchAnswer = () => ssdpAnswer(location);
      await refused('mapping-other-location');
    },
  );

  it.each([
    ['control address', { controlUrl: `http://${strangerAddress}:80/ctl` }],
    ['base', { urlBase: `http://${strangerAddress}:80/` }],
  ])('whose %s is at another host is not followed', async (_, changes) => {
    Object.assign(host.router, changes);
    await refused('mapping-other-location');
    expect(host.router.calls).toEqual([]);
  });

  it.each([301, 302, 307, 308])('that redirects with status %i is not followed', async (status) => {
    const paths: string[] = [];
    host.router.serve = (request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(status, { Location: `http://127.0.0.2:${host.router.httpPort}/elsewhere` }).end();
    };
    await refused('mapping-redirect');
    expect(paths).toEqual(['/rootDesc.xml']);
  });

  it('of a megabyte is cut off', async () => {
    let sent = 0;
    host.router.serve = (_, response) => {
      response.on('close', () => {
        sent = response.socket?.bytesWritten ?? sent;
      });
      response.end(`<root>${' '.repeat(1_000_000)}</root>`);
    };
    await refused('mapping-too-long');
  });

  it('without an end is cut off', async () => {
    let timer: NodeJS.Timeout | undefined;
    host.router.serve = (_, response: ServerResponse) => {
      timer = setInterval(() => response.write(' '.repeat(16_384)), 5);
      response.on('close', () => clearInterval(timer));
    };
    await refused('mapping-too-long');
    clearInterval(timer);
  });

  it('that comes octet by octet is given up after 2 s', async () => {
    host.router.serve = (_, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    };
    const startedAt = performance.now();
    await refused('mapping-too-slow');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('with endless headers is cut off', async () => {
    host.router.serve = (_, response) => {
      response.socket?.write(`HTTP/1.1 200 OK\r\n${'X-Long: y\r\n'.repeat(10_000)}\r\n`);
    };
    await refused('mapping-too-long');
  });

  it('that is not HTTP is refused', async () => {
    host.router.serve = (_, response) => void response.socket?.end('\0\0\0 not HTTP at all\r\n\r\n');
    await refused('mapping-malformed');
  });

  it.each([
    ['with entities', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><root>&x;</root>'],
    ['that is not XML', 'hello'],
    ['that is empty', ''],
  ])('%s is refused', async (_, text) => {
    host.router.serve = (_request, response) => void response.end(text);
    await refused('mapping-malformed');
  });

  it('of a device without a service is named', async () => {
    host.router.service = 'urn:schemas-upnp-org:service:Printer:1';
    await host.map();
    expect(host.events).toMatchObject([
      { kind: 'unavailable', refusals: [{ reason: 'its UPnP device maps no ports' }] },
    ]);
  });

  it('of five thousand hosts is counted, and the search given up behind 4096', async () => {
    const stranger = await openStranger();
    host.router.speaksUpnp = false;
    let flooding: Promise<void> | undefined;
    host.router.alsoSends = ({ port, address }) => {
      host.router.alsoSends = undefined;
      flooding = flood(stranger, 5_000, port, address);
    };
    await refused('mapping-too-many-answers');
    await flooding;
    expect(host.mapper.drops).toEqual({ 'mapping-other-source': 4_096, 'mapping-too-many-answers': 1 });
    stranger.close();
  });

  it('of another host does not hide that of the router', async () => {
    const stranger = await openStranger();
    host.router.alsoSends = ({ port, address }) => {
      stranger.send(ssdpAnswer(`http://${strangerAddress}/x.xml`), port, address);
    };
    await host.map();
    expect(host.mapper.mapping).toMatchObject({ protocol: 'upnp' });
    stranger.close();
  });
});

describe('[UPNP-18] a hostile answer by PCP or NAT-PMP', () => {
  it.each(['pcp', 'nat-pmp'] as const)('of another host by %s is not believed', async (protocol) => {
    host.restart([protocol]);
    const stranger = await openStranger();
    // The answer of the router, but for the address.
    host.router.alsoSends = ({ port, address }) => {
      stranger.send(Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 9, 6, 6, 6, 6), port, address);
    };
    await host.map();
    expect(host.mapper.mapping).toBeUndefined();
    expect(host.mapper.drops).toEqual({ 'mapping-other-source': 3 });
    stranger.close();
  });

  it.each(['pcp', 'nat-pmp'] as const)('from another port of the router by %s is not believed', async (protocol) => {
    host.restart([protocol]);
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.2', resolve));
    host.router.alsoSends = ({ port, address }) => other.send(Uint8Array.of(0, 128, 0, 0), port, address);
    await host.map();
    expect(host.mapper.drops).toEqual({ 'mapping-other-source': 3 });
    other.close();
  });

  it('about another nonce, port or request is not believed', async () => {
    host.restart(['pcp']);
    const answer = new Uint8Array(60);
    answer.set([2, 0x81]);
    answer[36] = 17;
    answer.set([0xff, 0xff, 203, 0, 113, 9], 54);
    host.router.alsoSends = ({ port }) => {
      host.router.sendTo(answer, port);
      host.router.sendTo(Uint8Array.of(2, 0x81, 0, 0), port);
      host.router.sendTo(Uint8Array.of(9), port);
    };
    await host.map();
    expect(host.mapper.mapping).toBeUndefined();
    expect(host.mapper.drops).toEqual({ 'mapping-not-asked': 3, 'mapping-malformed': 6 });
  });
});

async function openStranger(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, strangerAddress, resolve));
  return socket;
}

/** In portions that the receiver's buffer holds. */
async function flood(socket: Socket, count: number, port: number, address: string): Promise<void> {
  const answer = ssdpAnswer('http://127.0.0.3/x.xml');
  for (let sent = 0; sent < count; sent += 50) {
    for (let index = 0; index < 50; index++) socket.send(answer, port, address, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
