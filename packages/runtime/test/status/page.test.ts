import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Explanations, type LogLines, pagePaths, type Status } from '@navalis/page';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { explanationsOf } from '../../src/status/explanations.ts';
import { RecentLines, type RecentLinesReport } from '../../src/status/recent-lines.ts';
import type { StatusReport } from '../../src/status/status-report.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-page-'));
afterAll(() => rmSync(directory, { recursive: true }));
const token = 'a-token-for-the-test';
let site = '';
let server: StatusServer;

beforeAll(async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  site = `http://localhost:${port}`;
  server = await startStatusServer({
    role: 'relay',
    version: '1.2.3',
    socketPath: join(directory, 'status.sock'),
    http: { host: '127.0.0.1', port },
    httpToken: token,
    httpNames: [],
    late: { time: hostTime, warn: () => undefined, fail: () => undefined },
    lines: new RecentLines(hostTime),
    report: () => Promise.reject(new Error('not asked')),
    peerAccess: () => undefined,
  });
});
afterAll(() => server.close());

it('[SEC-45] the files of the page hold no facts and need no token, facts do', async () => {
  expect(pagePaths).toContain('/');
  for (const path of pagePaths) {
    const response = await fetch(`${site}${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-type')).toMatch(/^(text|image)\//);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await response.text()).length).toBeGreaterThan(200);
  }
  for (const path of ['/events', '/explanations', '/assets/', '/assets/../events', '/assets/page.js/x']) {
    expect([path, (await fetch(`${site}${path}`)).status]).toEqual([path, 401]);
  }
});

it('the page understands what the server tells', () => {
  const status = (report: StatusReport): Status => report;
  const lines = (report: RecentLinesReport): LogLines => report;
  const meanings: Explanations = explanationsOf('client');
  expect([typeof status, typeof lines, Object.keys(meanings).length]).toEqual(['function', 'function', 8]);
});
