import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerColumnCount, peerColumns, peerPathKinds, peerStates } from '@navalis/engine';
import type { PeerPage, PeerQuery } from '@navalis/traversal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listPeers } from '../../src/peers/list-peers.ts';
import { readPeerQuery } from '../../src/peers/peer-query.ts';
import type { PeersReport } from '../../src/peers/peers-report.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { askProgram } from '../../src/status/ask-status.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

const timeOrigin = Date.parse('2026-01-01T00:00:00Z');
let folder: string;
let socketPath: string;
let server: StatusServer | undefined;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-peers-'));
  socketPath = join(folder, 'status.sock');
  printed = '';
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

async function serve(peers: (query: PeerQuery) => Promise<PeerPage | undefined>, role: 'relay' | 'server' = 'relay') {
  server = await startStatusServer({
    role,
    version: '1.2.3',
    socketPath,
    http: undefined,
    httpToken: undefined,
    httpNames: [],
    lines: new RecentLines(hostTime),
    late: { time: hostTime, warn: () => undefined, fail: () => undefined },
    peerAccess: () => ({ peers, watchPeer: () => () => undefined }),
    report: () => Promise.reject(new Error('No status is wanted.')),
  });
}

function row(cells: Partial<Record<keyof typeof peerColumns, number>>): Float64Array<ArrayBuffer> {
  const columns = new Float64Array(peerColumnCount).fill(Number.NaN);
  for (const [name, value] of Object.entries(cells)) columns[peerColumns[name as keyof typeof peerColumns]] = value;
  return columns;
}

const counts = { since: 1000, sentPackets: 3, sentOctets: 300, receivedPackets: 2, receivedOctets: 20_000 };
const reached = row({
  ...counts,
  ...{ word0: 0x20010000, word1: 0x08080808, word2: 0x8000_63bf, word3: 0xf7f7_f7f7 },
  state: peerStates.indexOf('established'),
  path: peerPathKinds.indexOf('learned'),
  ...{ endpointAddress: 0xc000_0201, endpointPort: 40_000, heardAt: 61_000, roundTripMs: 12.345 },
});
const failed = row({
  ...counts,
  word0: 0x26064700,
  word1: 0,
  word2: 0,
  word3: 0x1111,
  state: peerStates.indexOf('failed'),
  reason: 1,
});

function page(rows: readonly Float64Array[], next?: PeerPage['next'], total = rows.length): PeerPage {
  const columns = new Float64Array(rows.length * peerColumnCount);
  for (const [at, each] of rows.entries()) columns.set(each, at * peerColumnCount);
  return { total, columns, next, timeOrigin };
}

function list(role: 'relay' | 'server', options = {}) {
  const program = { role, description: '', entry: '' } as const;
  const values = new Map([['status-socket', { value: socketPath, source: 'flag' }]] as const);
  const dataPlane = () => {
    throw new Error('No data plane is wanted.');
  };
  return listPeers({ program, version: '0', sources: { config: undefined, values }, operands: [], options, dataPlane });
}

describe('/peers', () => {
  it('has each peer with state, path, endpoint, times and traffic', async () => {
    const queries: PeerQuery[] = [];
    await serve(async (query) => {
      queries.push(query);
      return page([reached, new Float64Array(peerColumnCount), failed], { key: -1.5e-7, row: 12 }, 9);
    });
    const report = await askProgram<PeersReport>(socketPath, '/peers?limit=3&sort=sent');
    const traffic = {
      since: '2026-01-01T00:00:01.000Z',
      sent: { packets: 3, octets: 300 },
      received: { packets: 2, octets: 20_000 },
    };
    expect(report).toEqual({
      total: 9,
      peers: [
        {
          address: '2001:0:808:808:8000:63bf:f7f7:f7f7',
          state: 'established',
          path: 'learned',
          endpoint: { address: '192.0.2.1', port: 40_000 },
          heardAt: '2026-01-01T00:01:01.000Z',
          roundTripMs: 12.3,
          ...traffic,
        },
        { address: '2606:4700::1111', state: 'failed', reason: 'no-answer', ...traffic },
      ],
      next: '-1.5e-7:12',
    });
    await askProgram(socketPath, `/peers?after=${encodeURIComponent(report.next!)}`);
    expect(queries).toEqual([
      { limit: 3, sort: 'sent', after: undefined },
      { limit: 100, sort: 'heard', after: { key: -1.5e-7, row: 12 } },
    ]);
  });

  it('refuses parameters that are not allowed, in one sentence', async () => {
    await serve(async () => page([]));
    for (const parameters of [
      'limit=0',
      'limit=1001',
      'limit=x',
      'sort=name',
      'after=1',
      'after=1:2:3',
      'after=Infinity:1',
    ]) {
      await expect(askProgram(socketPath, `/peers?${parameters}`)).rejects.toMatchObject({ code: 'configuration' });
    }
    expect(readPeerQuery({ sort: 'name' })).toBe('sort must be one of heard, sent, received, age.');
  });

  it('says that a server has no peers, and is empty while a role has no data plane', async () => {
    await serve(async () => undefined, 'server');
    expect(await list('server')).toBe(0);
    expect(printed).toBe('A server has no peers: it does not keep which clients it answered.\n');
    await server!.close();
    await serve(async () => undefined);
    expect(await askProgram(socketPath, '/peers')).toEqual({ total: 0, peers: [] });
  });
});

describe('the command peers', () => {
  it('prints a table, or JSON', async () => {
    await serve(async () => page([reached, failed], undefined, 2));
    vi.spyOn(Date, 'now').mockReturnValue(timeOrigin + 121_000);
    expect(await list('relay')).toBe(0);
    const lines = printed.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['Address', 'State', 'Path', 'Endpoint', 'Heard', 'RTT', 'Sent', 'Received', 'Age'],
      [
        '2001:0:808:808:8000:63bf:f7f7:f7f7',
        'established',
        'learned',
        '192.0.2.1:40000',
        '60 s ago',
        '12.3 ms',
        '3 (300 octets)',
        '2 (20 kB)',
        '2 min',
      ],
      ['2606:4700::1111', 'failed (no-answer)', '-', '-', 'never', '-', '3 (300 octets)', '2 (20 kB)', '2 min'],
      ['2 peers'],
      [''],
    ]);
    printed = '';
    expect(await list('relay', { json: true })).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({ total: 2, peers: [{ state: 'established' }, { state: 'failed' }] });
  });

  it('asks for page after page until there are enough', async () => {
    const queries: PeerQuery[] = [];
    await serve(async (query) => {
      queries.push(query);
      return page(
        Array.from({ length: query.limit }, () => failed),
        { key: 1, row: queries.length },
        5000,
      );
    });
    expect(await list('relay', { limit: '2500', sort: 'age', json: true })).toBe(0);
    expect(queries.map(({ limit, after }) => [limit, after?.row])).toEqual([
      [1000, undefined],
      [1000, 1],
      [500, 2],
    ]);
    expect(JSON.parse(printed).peers).toHaveLength(2500);
    await expect(list('relay', { limit: '0' })).rejects.toMatchObject({ code: 'configuration' });
  });
});
