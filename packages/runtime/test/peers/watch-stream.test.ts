import { statSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Counters } from '@navalis/engine';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pingPeer, tracePeer } from '../../src/peers/follow-peer.ts';
import type { PeerWatcher, WatchRequest } from '../../src/peers/peer-watch.ts';
import { askProgram } from '../../src/status/ask-status.ts';
import { patient, servedPeers } from './served-peers.ts';

const peer = '2001:0:808:808:0:63bf:f7f7:f7f6';
const own = '2001:0:808:808:0:63be:f7f7:f7f7';
const served = servedPeers();
let watches: { readonly request: WatchRequest; readonly watcher: PeerWatcher; isOver: boolean }[];

beforeEach(() => {
  watches = [];
});

function serve(role: 'client' | 'server' = 'client', address: string | undefined = own) {
  const watchPeer = (request: WatchRequest, watcher: PeerWatcher) => {
    const watch = { request, watcher, isOver: false };
    watches.push(watch);
    return () => {
      watch.isOver = true;
    };
  };
  return served.serve(role, { watchPeer }, async () => ({
    role,
    version: '1.2.3',
    state: 'qualified',
    since: '2026-01-01T00:00:00.000Z',
    peers: 0,
    counters: new Counters().snapshot(),
    ...(address && { address }),
  }));
}

function call(operand: string, options = {}) {
  return served.call([operand], options);
}

const controlHeaders = { 'Navalis-Control': '1' };

function control(): string {
  return `${served.socketPath}.control`;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks on the control socket, and leaves the answer unread. */
function askControl(path: string, { method = 'GET', headers = controlHeaders }: Asked = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ socketPath: control(), path, method, headers, agent: false }, resolve).on('error', reject).end();
  });
}

async function watchBegun() {
  await vi.waitUntil(() => watches.length > 0, patient);
  return watches[0]!;
}

describe('ping', () => {
  it('prints what happens, and a summary; the exit status tells whether the peer answered', async () => {
    await serve();
    const ended = pingPeer(call(peer, { count: '3' }));
    const { request: asked, watcher } = await watchBegun();
    expect(asked).toMatchObject({ ping: { count: 3, source: { word0: 0x20010000 } } });
    const at = Date.parse('2026-01-01T12:00:00.125Z');
    const echo = { packet: 'echo request', count: 1, octets: 80 };
    watcher.event({ kind: 'request', sequence: 1 }, at);
    watcher.event({ kind: 'taken', ...echo, verdict: 'queued' }, at);
    watcher.event(
      {
        kind: 'sent',
        packet: 'bubble with nonce',
        count: 1,
        octets: 46,
        to: { address: '8.8.8.8', port: 3544 },
        route: 'server',
      },
      at,
    );
    watcher.event(
      { kind: 'state', state: 'established', path: 'direct', endpoint: { address: '8.8.8.9', port: 1 } },
      at,
    );
    watcher.event({ kind: 'reply', sequence: 1, roundTripMs: 40.26 }, at);
    watcher.event({ kind: 'request', sequence: 2 }, at);
    watcher.event({ kind: 'no-reply', sequence: 2 }, at);
    watcher.event({ kind: 'done' }, at);
    expect(await ended).toBe(0);
    expect(served.printed.split('\n').slice(1)).toEqual([
      '12:00:00.125  Request 1',
      '12:00:00.125  echo request, 80 octets, of this host: queued',
      "12:00:00.125  bubble with nonce, 46 octets, sent to 8.8.8.8:3544, through the peer's server",
      '12:00:00.125  Peer is established direct, 8.8.8.9:1.',
      '12:00:00.125  Reply 1 after 40.3 ms',
      '12:00:00.125  Request 2',
      '12:00:00.125  No reply to request 2',
      '12:00:00.125  Done.',
      '2 sent, 1 received, 50% lost; min/avg/max 40.3/40.3/40.3 ms',
      '',
    ]);
    expect(watches[0]!.isOver).toBe(true);
  });

  it('without end tells once why the program drops all requests, and again in the summary', async () => {
    await serve();
    const ended = pingPeer(call(peer));
    const { watcher } = await watchBegun();
    const at = Date.parse('2026-01-01T12:00:00.125Z');
    const reason = 'embedded-not-global';
    for (let sequence = 1; sequence <= 3; sequence++) {
      watcher.event({ kind: 'request', sequence }, at);
      watcher.event({ kind: 'no-reply', sequence, reason }, at);
    }
    const cure =
      'The Teredo address of the destination embeds an IPv4 address that is not global. In a laboratory, add the range to extra-global-ipv4.';
    await vi.waitUntil(() => served.printed.includes('No reply to request 3'), patient);
    process.emit('SIGINT');
    expect(await ended).toBe(1);
    const lines = served.printed.split('\n').filter((line) => !line.startsWith('12:00:00.125  Request'));
    expect(lines.slice(1)).toEqual([
      '12:00:00.125  No reply to request 1',
      `This program drops the requests (${reason}). ${cure}`,
      '12:00:00.125  No reply to request 2',
      '12:00:00.125  No reply to request 3',
      '3 sent, 0 received, 100% lost',
      `3 dropped by this program (${reason}). ${cure}`,
      '',
    ]);
  });

  it('ends with 1 without an answer', async () => {
    await serve();
    const ended = pingPeer(call(peer));
    (await watchBegun()).watcher.ended();
    expect(await ended).toBe(1);
    expect(served.printed).toContain('0 sent, 0 received, 0% lost\n');
  });

  it.each([
    ['no address', 'nonsense', {}, '"nonsense" is not an IPv6 address.'],
    ['a wrong count', peer, { count: '0' }, 'count must be a whole number from 1 to 100000.'],
  ])('refuses %s', async (_, operand, options, sentence) => {
    await serve();
    await expect((async () => pingPeer(call(operand, options)))()).rejects.toMatchObject({ message: sentence });
    expect(watches).toEqual([]);
  });

  it('says that a server has no peers, and that a client has no address', async () => {
    await serve('server');
    await expect(pingPeer(call(peer))).rejects.toThrow('A server has no peers');
    await serve('client', '');
    await expect(pingPeer(call(peer))).rejects.toThrow('no address or data plane at present');
  });
});

describe('trace', () => {
  it('prints each decision with its reason, until Ctrl-C', async () => {
    await serve();
    const ended = tracePeer(call(peer));
    const { request: asked, watcher } = await watchBegun();
    expect(asked).not.toHaveProperty('ping');
    const from = { address: '8.8.8.9', port: 1 };
    watcher.event(
      {
        kind: 'received',
        from,
        packet: 'bubble',
        count: 1,
        octets: 40,
        verdict: 'dropped',
        reason: 'endpoint-mismatch',
      },
      0,
    );
    await vi.waitUntil(() => served.printed.includes('endpoint-mismatch'), patient);
    expect(served.printed).toMatch(/bubble, 40 octets, from 8\.8\.8\.9:1: dropped \(endpoint-mismatch\): [A-Z].*\.\n/);
    process.emit('SIGINT');
    expect(await ended).toBe(0);
    await vi.waitUntil(() => watches[0]!.isOver, patient);
  });

  it('counts the events that a reader is too slow for', async () => {
    await serve();
    const lines: string[] = [];
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      get({ socketPath: control(), path: `/trace?address=${peer}`, headers: controlHeaders }, resolve);
    });
    const { watcher } = await watchBegun();
    response.pause();
    const text = { packet: 'x'.repeat(1000), count: 1, octets: 1 };
    for (let event = 0; event < 20_000; event++) watcher.event({ kind: 'taken', ...text, verdict: 'sent' }, 0);
    response.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    response.resume();
    await new Promise((resolve) => setTimeout(resolve, 100));
    watcher.event({ kind: 'done' }, 0);
    await new Promise((resolve) => response.on('end', resolve));
    const events = lines
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const told = events.filter(({ kind }) => kind === 'taken').length;
    const leftOut = events.filter(({ kind }) => kind === 'left-out').reduce((sum, { count }) => sum + count, 0);
    expect(told).toBeLessThan(5000);
    expect(told + leftOut).toBe(20_000);
  });

  it.each(['/ping', '/trace', '/%70ing', '/trace/', '//ping'])('[SEC-44] is refused over TCP: %s', async (path) => {
    await serve();
    const response = await fetch(`http://127.0.0.1:${served.port}${path}?address=${peer}`);
    expect([403, 404]).toContain(response.status);
    expect(watches).toEqual([]);
  });

  it('[SEC-47] is refused on the status socket, which any user may open, and served on the control socket', async () => {
    await serve();
    const modes = [served.socketPath, control()].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o666, 0o660]);
    for (const path of ['/ping', '/trace']) {
      const asked = askProgram(served.socketPath, `${path}?address=${peer}`);
      await expect(asked).rejects.toThrow('HTTP status 403');
    }
    expect(watches).toEqual([]);
    expect(await askProgram(control(), '/peers')).toEqual({ total: 0, peers: [] });
  });

  it.each([
    ['HEAD, whose answer nobody reads', { method: 'HEAD' }, 405],
    ['a page of another site, which cannot send the header', { headers: {} }, 403],
  ] as const)('[SEC-47] begins nothing for %s', async (_, asked, status) => {
    await serve();
    for (const path of ['/ping', '/trace']) {
      expect((await askControl(`${path}?address=${peer}`, asked)).statusCode).toBe(status);
    }
    expect(watches).toEqual([]);
  });

  it('[SEC-46] ends with its connection, also when requests on it did not wait for each other', async () => {
    await serve();
    const text = `GET /trace?address=${peer} HTTP/1.1\r\nHost: localhost\r\nNavalis-Control: 1\r\n\r\n`;
    const socket = connect(control(), () => socket.write(text));
    socket.on('error', () => undefined);
    await watchBegun();
    socket.write(text);
    await vi.waitUntil(() => watches[0]!.isOver, patient);
    expect(watches).toHaveLength(1);
    const another = connect(control(), () => another.write(text + text));
    another.on('error', () => undefined).resume();
    await new Promise((resolve) => another.on('close', resolve));
    await vi.waitUntil(() => watches.every(({ isOver }) => isOver), patient);
  });

  it('[SEC-46] is refused in one sentence while eight peers are followed, and no longer', async () => {
    await serve();
    const going = await Promise.all(Array.from({ length: 8 }, () => askControl(`/trace?address=${peer}`)));
    await expect(tracePeer(call(peer))).rejects.toThrow('follows 8 peers already: end another ping or trace first.');
    going[0]!.destroy();
    await vi.waitUntil(() => watches.some(({ isOver }) => isOver), patient);
    const ninth = await askControl(`/trace?address=${peer}`);
    expect([ninth.statusCode, watches.length]).toEqual([200, 9]);
    for (const each of [...going, ninth]) each.destroy();
    await vi.waitUntil(() => watches.every(({ isOver }) => isOver), patient);
  });

  it('ends where the data plane has ended already', async () => {
    await served.serve('relay', {
      watchPeer: (_, watcher) => {
        watcher.ended();
        return () => undefined;
      },
    });
    expect(await tracePeer(call(peer))).toBe(0);
    expect(served.printed).toMatch(/^\S+ {2}Watching \S+\.\n$/);
  });
});
