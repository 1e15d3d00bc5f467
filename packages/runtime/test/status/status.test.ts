import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counters } from '@navalis/engine';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { NavalisError } from '../../src/navalis-error.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { askStatus } from '../../src/status/ask-status.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { statusPage } from '../../src/status/status-page.ts';
import { type StatusReport, statusReport } from '../../src/status/status-report.ts';
import { claimStatusSocket, type StatusServer, startStatusServer } from '../../src/status/status-server.ts';
import { wholeReport } from '../fakes.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-status-'));
afterAll(() => rmSync(directory, { recursive: true }));
const warnings: string[] = [];
let paths = 0;
const newPath = () => join(directory, `${++paths}.sock`);

function report(): StatusReport {
  const counters = new Counters();
  counters.drop('rule-7', 3);
  return {
    role: 'client',
    version: '1.2.3',
    state: 'qualified',
    since: '2026-01-01T00:00:00.000Z',
    address: '2001:0:808:808:1234:efff:34ff:8ef8',
    nat: 'restricted',
    offloads: ['tcp-segments', 'send-joined'],
    peers: 2,
    counters: counters.snapshot(),
  };
}

const open: StatusServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(socketPath: string, answer: () => Promise<StatusReport> = async () => report()) {
  const server = await startStatusServer({
    role: 'client',
    version: '1.2.3',
    socketPath,
    http: undefined,
    httpToken: undefined,
    httpNames: [],
    lines: new RecentLines(hostTime),
    late: { time: hostTime, warn: (sentence) => void warnings.push(sentence), fail: () => undefined },
    peerAccess: () => undefined,
    report: async () => wholeReport(await answer()),
  });
  open.push(server);
  return server;
}

function fetchOver(socketPath: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    }).on('error', reject);
  });
}

describe('the status server', () => {
  it('answers the status command', async () => {
    const path = newPath();
    await serve(path);
    expect(await askStatus(path)).toEqual(report());
  });

  it('opens, replaces and closes its TCP address at a reload, and says why it cannot', async () => {
    const path = newPath();
    const server = await serve(path);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
    const { port } = taken.address() as AddressInfo;
    const http = { host: '127.0.0.1', port };
    const access = { http, httpToken: undefined, httpNames: [] };
    await server.reconfigure(access);
    expect(warnings.splice(0)).toEqual([expect.stringMatching(/in use .* have no TCP address until the next reload/)]);
    await new Promise((resolve) => taken.close(resolve));
    await server.reconfigure(access);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    await server.reconfigure({ ...access, httpToken: 'secret-token' });
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(401);
    await server.reconfigure({ ...access, http: undefined });
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    expect((await fetchOver(path, '/health')).status).toBe(200);
    expect(warnings).toEqual([]);
  });

  it('leaves its TCP address alone at a reload that changes nothing there', async () => {
    const server = await serve(newPath());
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', () => resolve()));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const access = () => ({ http: { host: '127.0.0.1', port }, httpToken: undefined, httpNames: [] });
    await server.reconfigure(access());
    const connection = createConnection(port, '127.0.0.1');
    await once(connection, 'connect');
    let isClosed = false;
    connection.once('close', () => {
      isClosed = true;
    });
    await server.reconfigure(access());
    await fetch(`http://127.0.0.1:${port}/health`);
    expect(isClosed).toBe(false);
    await server.reconfigure({ ...access(), httpNames: ['status.example'] });
    await expect.poll(() => isClosed).toBe(true);
  });

  it('serves metrics and health', async () => {
    const path = newPath();
    await serve(path);
    expect((await fetchOver(path, '/metrics')).text).toContain('navalis_drops_total{reason="rule-7",role="client"} 3');
    expect(await fetchOver(path, '/health')).toEqual({ status: 200, text: '{"state":"qualified"}' });
    expect((await fetchOver(path, '/elsewhere')).status).toBe(404);
  });

  it.each([
    ['no-route', 'route', 'off-line (no-route)'],
    ['server-silent', 'server', 'off-line (server-silent)'],
    ['symmetric', undefined, 'off-line (symmetric)'],
  ] as const)(
    '[RT-02] tells what a client that is off-line for %s waits for: %s',
    (offlineReason, waitingFor, shown) => {
      const { role, version, since, peers, counters } = report();
      const client = statusReport(
        { role, version },
        { state: 'off-line', since, offlineReason, offloads: [], peers, counters },
      );
      expect(client.waitingFor).toBe(waitingFor);
      expect(statusPage(wholeReport(client), Date.parse(since))).toContain(shown);
    },
  );

  const times = { since: '2026-01-01T00:04:53.000Z', offlineSince: '2026-01-01T00:00:00.000Z' };

  it.each(['off-line', 'starting'] as const)(
    'gives one reason and cure of an off-line client that is %s',
    async (state) => {
      const path = newPath();
      const offline = { ...report(), ...times, state, offlineReason: 'server-silent', server: '192.0.2.1' } as const;
      await serve(path, async () => offline);
      const sentence = 'Server 192.0.2.1 does not answer.';
      const cure =
        'A firewall may block UDP port 3544, or the server may be down. Run "teredo-client diagnose" on this host.';
      const health = await fetchOver(path, '/health');
      expect(health.status).toBe(503);
      expect(JSON.parse(health.text)).toEqual({
        state,
        offlineReason: 'server-silent',
        cause: { reason: 'server-silent', since: times.offlineSince, sentence, cure },
      });
      const nowMs = Date.parse('2026-01-01T00:05:00Z');
      const page = statusPage(wholeReport({ ...offline, nextAttempt: '2026-01-01T00:05:12Z' }), nowMs);
      const next = state === 'starting' ? 'trying again' : 'next attempt in 12 s';
      expect(page).toContain(`State         off-line (server-silent) for 5 min, ${next}\n`);
      expect(page).toContain(`Reason        ${sentence}\n`);
      expect(page).toContain(`Cure          ${cure}\n`);
      expect((await fetchOver(path, '/metrics')).text).toContain(
        'navalis_offline{reason="server-silent",role="client"} 1',
      );
    },
  );

  it('gives the reason of a client that is not used in health and the page', async () => {
    const path = newPath();
    const disabled = { ...report(), state: 'disabled', disabledReason: 'native-ipv6', evidence: '2a00::1' } as const;
    await serve(path, async () => disabled);
    const sentence = 'This host has the IPv6 address 2a00::1 (key native-ipv6).';
    expect(JSON.parse((await fetchOver(path, '/health')).text)).toMatchObject({
      disabledReason: 'native-ipv6',
      cause: { reason: 'native-ipv6', sentence },
    });
    expect(statusPage(wholeReport(disabled), Date.parse(disabled.since))).toContain(`Reason        ${sentence}\n`);
  });

  it('is not healthy while off-line', async () => {
    const path = newPath();
    await serve(path, async () => ({ ...report(), state: 'off-line' }));
    expect(await fetchOver(path, '/health')).toEqual({ status: 503, text: '{"state":"off-line"}' });
  });

  it('is not healthy while degraded, and gives the reason in health and metrics', async () => {
    const path = newPath();
    const degraded = [
      { reason: 'interface', since: '2026-01-01T00:00:00.000Z', sentence: 'No.', evidence: 'x', cure: 'Do.' },
    ] as const;
    await serve(path, async () => ({ ...report(), state: 'degraded', degraded }));
    const health = await fetchOver(path, '/health');
    expect(health.status).toBe(503);
    expect(JSON.parse(health.text)).toEqual({ state: 'degraded', degraded });
    const { text } = await fetchOver(path, '/metrics');
    expect(text).toContain('navalis_degraded{reason="interface",role="client"} 1');
    expect(text).toContain('navalis_degraded{reason="address-gone",role="client"} 0');
    expect(text).not.toContain('forwarding-off');
  });

  it('[RT-02] is not healthy while the role waits, and names the missing resource in health, metrics and the page', async () => {
    const path = newPath();
    const waiting = { ...report(), state: 'waiting', waitingFor: 'bind-address', evidence: '192.0.2.7' } as const;
    await serve(path, async () => waiting);
    const health = await fetchOver(path, '/health');
    expect(health.status).toBe(503);
    expect(JSON.parse(health.text)).toEqual({
      state: 'waiting',
      waitingFor: 'bind-address',
      evidence: '192.0.2.7',
      cause: {
        reason: 'bind-address',
        since: waiting.since,
        sentence: 'Waiting for an address to bind to (192.0.2.7).',
        cure: 'Give the address to an interface that is up, or correct the key that names it. The program continues by itself when it is there.',
      },
    });
    const { text } = await fetchOver(path, '/metrics');
    for (const [reason, value] of [
      ['server-name', 0],
      ['ipv6-address', 0],
      ['bind-address', 1],
      ['interface', 0],
    ] as const) {
      expect(text).toContain(`navalis_waiting{reason="${reason}",role="client"} ${value}`);
    }
    const page = statusPage(wholeReport(waiting), Date.parse('2026-01-01T00:01:00Z'));
    expect(page).toMatch(/State +waiting for an address to bind to for 60 s/);
    expect(page).toMatch(/Evidence +192\.0\.2\.7/);
  });

  it('tells an end of the program from a defect, and logs a defect once', async () => {
    const path = newPath();
    let error: Error = new NavalisError('not-running', 'The client is ending.');
    await serve(path, () => Promise.reject(error));
    expect(await fetchOver(path, '/status')).toEqual({ status: 503, text: '{"error":"The program is ending."}' });
    expect(warnings).toEqual([]);
    error = new TypeError('x is no function');
    for (const asked of ['/status', '/status', '/health']) expect((await fetchOver(path, asked)).status).toBe(500);
    const failed = (asked: string) => `The status server failed to answer ${asked}: x is no function`;
    expect(warnings.splice(0)).toEqual([failed('/status'), failed('/health')]);
  });

  it('leaves no socket behind', async () => {
    const path = newPath();
    await (await serve(path)).close();
    expect([existsSync(path), existsSync(`${path}.control`)]).toEqual([false, false]);
  });

  it('reports that its socket cannot be opened', async () => {
    await expect(serve('/proc/navalis/x.sock')).rejects.toThrow(/^status-socket \/proc\/navalis\/x\.sock cannot/);
  });
});

describe('the status socket', () => {
  it('is refused to a second instance', async () => {
    const path = newPath();
    await serve(path);
    const message = `already running: something answers on ${path}; choose another --status-socket for a second instance.`;
    await expect(claimStatusSocket(path)).rejects.toMatchObject({ code: 'already-running', message });
    expect((await askStatus(path)).state).toBe('qualified');
  });

  it('is taken over when no program answers on it', async () => {
    const path = newPath();
    await leaveSocketBehind(path);
    await leaveSocketBehind(`${path}.control`);
    expect(existsSync(path)).toBe(true);
    await claimStatusSocket(path);
    expect([existsSync(path), existsSync(`${path}.control`)]).toEqual([false, false]);
  });

  it('is not removed if the file is not a socket', async () => {
    const path = newPath();
    writeFileSync(path, 'text');
    await claimStatusSocket(path);
    expect(existsSync(path)).toBe(true);
  });
});

describe('the status command', () => {
  it('reports that no program is running', async () => {
    const path = newPath();
    const expected = { code: 'not-running', message: `not running: nothing answers on ${path}.` };
    await expect(askStatus(path)).rejects.toMatchObject(expected);
  });

  it('prints a page for people', () => {
    const page = statusPage(report(), Date.parse('2026-01-01T00:05:00.000Z'));
    for (const part of ['teredo-client 1.2.3', 'qualified for 5 min', '2001:0:808:808:1234:efff:34ff:8ef8', 'rule-7']) {
      expect(page).toContain(part);
    }
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('Mapped');
    expect(page).not.toContain('Function');
  });

  it('tells the paths to peers, and of some which', () => {
    const endpoint = { address: '203.0.113.9', port: 7000 };
    const now = Date.parse('2026-01-01T00:05:00.000Z');
    const peer = { address: '2001:0:1::1', endpoint, heardAt: '2026-01-01T00:04:57.000Z' };
    const page = statusPage(
      {
        ...report(),
        paths: { direct: 12, relay: 1 },
        recentPeers: [
          { ...peer, path: 'direct' },
          { ...peer, path: 'turn' },
        ],
      },
      now,
    );
    expect(page).toMatch(/\n {2}Paths +12 direct, 1 through a relay\n/);
    expect(page).toMatch(/\n {2}Heard last +2001:0:1::1: direct, 203\.0\.113\.9:7000, heard 3 s ago\n/);
    expect(page).toMatch(/\n +2001:0:1::1: through the TURN server, 203\.0\.113\.9:7000, heard 3 s ago\n/);
    expect(statusPage({ ...report(), paths: {}, recentPeers: [] }, now)).not.toMatch(/Paths|Heard last/);
  });

  it('[CL-I-16] reports that native hosts fail and since when, or that they answer', () => {
    const now = Date.parse('2026-01-01T00:05:00.000Z');
    const page = (state: 'working' | 'failing') =>
      statusPage({ ...report(), nativeReachability: { state, since: '2026-01-01T00:02:00.000Z' } }, now);
    expect(page('failing')).toMatch(
      /\n {2}Native hosts {2}failing for 3 min; run teredo-client diagnose for details\n/,
    );
    const failing = { state: 'failing', since: '2026-01-01T00:02:00.000Z' } as const;
    const hostRelay = { ...report(), role: 'host-relay', nativeReachability: failing } as const;
    expect(statusPage(hostRelay, now)).toContain('; run teredo-host-relay diagnose for details');
    expect(page('working')).toMatch(/\n {2}Native hosts {2}answering for 3 min\n/);
    expect(statusPage(report(), now)).not.toContain('Native hosts');
  });

  it('counts solicitations and answers: received and sent by a server, sent and received by a client', () => {
    const counters = { ...report().counters, solicitationsReceived: 12, advertisementsSent: 11 };
    const now = Date.parse('2026-01-01T00:05:00.000Z');
    const client = { ...counters, solicitationsSent: 4, advertisementsReceived: 3 };
    expect(statusPage({ ...report(), role: 'server', counters }, now)).toMatch(
      /\n {2}Solicitations +12 in, 11 answered\n/,
    );
    expect(statusPage({ ...report(), counters: client }, now)).toMatch(/\n {2}Solicitations +4 out, 3 answers\n/);
    expect(statusPage({ ...report(), role: 'relay', counters }, now)).not.toContain('Solicitations');
    const hostRelay = { ...report(), role: 'host-relay', functionSince: report().since, counters: client } as const;
    expect(statusPage({ ...hostRelay, function: 'client' }, now)).toContain('4 out, 3 answers');
    expect(statusPage({ ...hostRelay, function: 'relay' }, now)).not.toContain('Solicitations');
  });

  it('reports the role that a host-specific relay plays, and for how long', () => {
    const since = { function: 'client', functionSince: '2026-01-01T00:01:00.000Z' } as const;
    const page = statusPage({ ...report(), role: 'host-relay', ...since }, Date.parse('2026-01-01T00:05:00.000Z'));
    expect(page).toMatch(/Function +client for 4 min/);
  });
});

/** Leaves a socket file without a listener behind, as a killed program does. */
async function leaveSocketBehind(path: string): Promise<void> {
  const { linkSync, renameSync } = await import('node:fs');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  linkSync(path, `${path}.kept`);
  await new Promise((resolve) => server.close(resolve));
  renameSync(`${path}.kept`, path);
}
