import { peerColumnCount, peerColumns, peerPathKinds, peerStates } from '@navalis/engine';
import type { PeerPage, PeerQuery } from '@navalis/traversal';
import { describe, expect, it, vi } from 'vitest';
import { listPeers } from '../../src/peers/list-peers.ts';
import type { PeerAccess } from '../../src/peers/peer-access.ts';
import { readPeerQuery } from '../../src/peers/peer-query.ts';
import type { PeersReport } from '../../src/peers/peers-report.ts';
import { askProgram } from '../../src/status/ask-status.ts';
import { servedPeers } from './served-peers.ts';

const timeOrigin = Date.parse('2026-01-01T00:00:00Z');
const served = servedPeers();

function serve(peers: PeerAccess['peers'], role: 'relay' | 'server' = 'relay') {
  return served.serve(role, { peers });
}

function list(options = {}) {
  return listPeers(served.call([], options));
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

describe('/peers', () => {
  it('has each peer with state, path, endpoint, times and traffic', async () => {
    const queries: PeerQuery[] = [];
    await serve(async (query) => {
      queries.push(query);
      return page([reached, new Float64Array(peerColumnCount), failed], { key: -1.5e-7, row: 12 }, 9);
    });
    const report = await askProgram<PeersReport>(served.socketPath, '/peers?limit=3&sort=sent');
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
    await askProgram(served.socketPath, `/peers?after=${encodeURIComponent(report.next!)}`);
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
      await expect(askProgram(served.socketPath, `/peers?${parameters}`)).rejects.toMatchObject({
        code: 'configuration',
      });
    }
    expect(readPeerQuery({ sort: 'name' })).toBe('sort must be one of heard, sent, received, age.');
  });

  it('[SEC-46] refuses a request while eight wait', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await serve(async () => {
      await answered;
      return page([failed]);
    });
    const asked = Array.from({ length: 9 }, () => askProgram(served.socketPath, '/peers'));
    const refused = await Promise.race(asked.map((each) => each.then(() => 'answered', String)));
    expect(refused).toContain('HTTP status 503');
    answer();
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  });

  it('says that a server has no peers, and is empty while a role has no data plane', async () => {
    await serve(async () => undefined, 'server');
    expect(await list()).toBe(0);
    expect(served.printed).toBe('A server has no peers: it does not keep which clients it answered.\n');
    await serve(async () => undefined);
    expect(await askProgram(served.socketPath, '/peers')).toEqual({ total: 0, peers: [] });
  });
});

describe('the command peers', () => {
  it('prints a table, or JSON', async () => {
    await serve(async () => page([reached, failed], undefined, 2));
    vi.spyOn(Date, 'now').mockReturnValue(timeOrigin + 121_000);
    expect(await list()).toBe(0);
    const lines = served.printed.split('\n').map((line) => line.split(/ {2,}/));
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
    served.printed = '';
    expect(await list({ json: true })).toBe(0);
    expect(JSON.parse(served.printed)).toMatchObject({
      total: 2,
      peers: [{ state: 'established' }, { state: 'failed' }],
    });
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
    expect(await list({ limit: '2500', sort: 'age', json: true })).toBe(0);
    expect(queries.map(({ limit, after }) => [limit, after?.row])).toEqual([
      [1000, undefined],
      [1000, 1],
      [500, 2],
    ]);
    expect(JSON.parse(served.printed).peers).toHaveLength(2500);
    await expect(list({ limit: '0' })).rejects.toMatchObject({ code: 'configuration' });
  });
});
