import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counters } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pingPeer, tracePeer } from '../../src/peers/follow-peer.ts';
import type { PeerWatcher, WatchRequest } from '../../src/peers/peer-watch.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

const peer = '2001:0:808:808:0:63bf:f7f7:f7f6';
const own = '2001:0:808:808:0:63be:f7f7:f7f7';
let folder: string;
let socketPath: string;
let port: number;
let server: StatusServer | undefined;
let printed: string;
let watches: { readonly request: WatchRequest; readonly watcher: PeerWatcher; isOver: boolean }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-watch-'));
  socketPath = join(folder, 'status.sock');
  port = await freePort();
  printed = '';
  watches = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
}

async function serve(role: 'client' | 'server' = 'client', address: string | undefined = own) {
  server = await startStatusServer({
    role,
    version: '1.2.3',
    socketPath,
    http: { host: '127.0.0.1', port },
    httpToken: undefined,
    httpNames: [],
    lines: new RecentLines(hostTime),
    late: { time: hostTime, warn: () => undefined, fail: () => undefined },
    peerAccess: () => ({
      peers: async () => undefined,
      watchPeer: (request, watcher) => {
        const watch = { request, watcher, isOver: false };
        watches.push(watch);
        return () => {
          watch.isOver = true;
        };
      },
    }),
    report: async () => ({
      role,
      version: '1.2.3',
      state: 'qualified',
      since: '2026-01-01T00:00:00.000Z',
      peers: 0,
      counters: new Counters().snapshot(),
      ...(address && { address }),
    }),
  });
}

function call(operand: string, options = {}) {
  const program = { role: 'client', description: '', entry: '' } as const;
  const values = new Map([['status-socket', { value: socketPath, source: 'flag' }]] as const);
  const dataPlane = () => {
    throw new Error('No data plane is wanted.');
  };
  return { program, version: '0', sources: { config: undefined, values }, operands: [operand], options, dataPlane };
}

async function watchBegun() {
  await vi.waitUntil(() => watches.length > 0);
  return watches[0]!;
}

describe('ping', () => {
  it('prints what happens, and a summary; the exit status tells whether the peer answered', async () => {
    await serve();
    const ended = pingPeer(call(peer, { count: '3' }));
    const { request, watcher } = await watchBegun();
    expect(request).toMatchObject({ ping: { count: 3, source: { word0: 0x20010000 } } });
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
    expect(printed.split('\n').slice(1)).toEqual([
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

  it('ends with 1 without an answer', async () => {
    await serve();
    const ended = pingPeer(call(peer));
    (await watchBegun()).watcher.ended();
    expect(await ended).toBe(1);
    expect(printed).toContain('0 sent, 0 received, 0% lost\n');
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
    await server!.close();
    await serve('client', '');
    await expect(pingPeer(call(peer))).rejects.toThrow('no address or data plane at present');
  });
});

describe('trace', () => {
  it('prints each decision with its reason, until Ctrl-C', async () => {
    await serve();
    const ended = tracePeer(call(peer));
    const { request, watcher } = await watchBegun();
    expect(request).not.toHaveProperty('ping');
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
    await vi.waitUntil(() => printed.includes('endpoint-mismatch'));
    expect(printed).toMatch(/bubble, 40 octets, from 8\.8\.8\.9:1: dropped \(endpoint-mismatch\): [A-Z].*\.\n/);
    process.emit('SIGINT');
    expect(await ended).toBe(0);
    await vi.waitUntil(() => watches[0]!.isOver);
  });

  it('counts the events that a reader is too slow for', async () => {
    await serve();
    const lines: string[] = [];
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      get({ socketPath, path: `/trace?address=${peer}` }, resolve);
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
    const response = await fetch(`http://127.0.0.1:${port}${path}?address=${peer}`);
    expect([403, 404]).toContain(response.status);
    expect(watches).toEqual([]);
  });
});
