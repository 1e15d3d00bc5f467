import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlSocketOf } from '@navalis/config';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { askStatus } from '../../src/status/ask-status.ts';
import { batched } from '../../src/status/guard/batched.ts';
import { createBoundedServer } from '../../src/status/guard/bounded-server.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

import { relayReport } from '../fakes.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-hostile-'));
afterAll(() => rmSync(directory, { recursive: true }));
const socketPath = join(directory, 'status.sock');
const token = 'a-token-of-26-characters-=';
let port = 0;
let server: StatusServer;

beforeAll(async () => {
  port = await freePort();
  server = await startStatusServer({
    role: 'relay',
    version: '1.2.3',
    socketPath,
    http: { host: '127.0.0.1', port },
    httpToken: token,
    httpNames: ['status.example.net'],
    lines: new RecentLines(hostTime),
    late: { time: hostTime, warn: () => undefined, fail: () => undefined },
    peerAccess: () => undefined,
    report: async () => relayReport,
  });
});
afterAll(() => server.close());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks over the Unix socket, or over TCP. */
function ask({ path = '/status', method = 'GET', headers = {}, body }: Asked, overTcp = false): Promise<Answer> {
  const target = overTcp ? { host: '127.0.0.1', port } : { socketPath };
  return new Promise((resolve, reject) => {
    const asked = request({ ...target, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Returns all that the server sends for the octets of a request. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(socketPath, () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

describe('a hostile request', () => {
  it.each(['localhost', 'LocalHost:9464', '127.0.0.1', '192.0.2.1:80', '[::1]:9464', 'status.example.net:443'])(
    '[SEC-44] is served at the name %s',
    async (host) => {
      expect((await ask({ headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:9464',
    '1.2.3.4.evil.example',
    '[::1',
    'a@localhost',
    'x:y:z',
  ])('[SEC-44] is refused at the name %s, which may have been made to resolve to this host', async (host) => {
    const { status, text } = await ask({ headers: { host } });
    expect(status).toBe(421);
    expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('http-names') });
    expect(text).not.toContain('running');
  });

  it('[SEC-44] is refused from a page of another origin, and served to a link that a person follows', async () => {
    const from = (headers: Readonly<Record<string, string>>) =>
      ask({ headers: { host: 'localhost:9464', ...headers } });
    for (const origin of ['http://evil.example', 'null', 'http://localhost:3000', 'file://']) {
      expect([origin, (await from({ origin })).status]).toEqual([origin, 403]);
    }
    for (const origin of ['http://localhost:9464', 'https://localhost:9464']) {
      expect([origin, (await from({ origin })).status]).toEqual([origin, 200]);
    }
    for (const site of ['cross-site', 'same-site']) {
      expect(
        (await from({ 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).status,
      ).toBe(403);
      expect(
        (await from({ 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).status,
      ).toBe(403);
      const followed = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      expect((await from(followed)).status).toBe(200);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('of the method %s is refused', async (method) => {
    const { status, headers } = await ask({ method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('with a body is refused, and its connection ends', async () => {
    const long = await ask({ headers: { 'content-length': '5' }, body: 'hello' });
    expect([long.status, long.headers.connection]).toEqual([413, 'close']);
    expect((await ask({ headers: { 'transfer-encoding': 'chunked' }, body: 'x' })).status).toBe(413);
    // The body never comes: the answer does.
    expect(await send('GET /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });

  it.each([
    ['/../../etc/passwd', 404],
    ['/..%2f..%2fetc%2fpasswd', 404],
    ['/status/..%00', 404],
    ['/%ff%c0', 404],
    ['//evil.example/status', 404],
    ['http://localhost/status', 400],
    ['*', 400],
    [`/${'x'.repeat(2_000)}`, 414],
  ])('of the path %s ends with a client error', async (path, status) => {
    const answer = await ask({ path });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String) });
  });

  it('without a host, with headers of 16 kB, or in no form of HTTP ends with a client error', async () => {
    expect(await send('GET /status HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await send('GET /status HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await send(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(16_384)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await send('\u0000\u0001\u0002\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await askStatus(socketPath)).state).toBe('running');
  });

  it('[SEC-44] gets headers that forbid other sites to embed, read or extend an answer', async () => {
    for (const path of ['/status', '/elsewhere']) {
      const { headers } = await ask({ path });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(headers).toMatchObject({
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('the token', () => {
  it('[SEC-45] is needed over TCP, and not over the Unix socket', async () => {
    expect((await ask({})).status).toBe(200);
    for (const path of ['/status', '/metrics', '/health', '/elsewhere']) {
      const { status, headers, text } = await ask({ path }, true);
      expect([path, status, headers['www-authenticate']]).toEqual([path, 401, 'Bearer realm="navalis"']);
      expect(text).not.toContain(token);
    }
    for (const authorization of [`Bearer ${token}`, `bearer  ${token}`]) {
      expect((await ask({ headers: { authorization } }, true)).status).toBe(200);
    }
    for (const authorization of ['Bearer', `Bearer ${token}x`, `Basic ${token}`, token, `Bearer ${token.slice(1)}`]) {
      expect([authorization, (await ask({ headers: { authorization } }, true)).status]).toEqual([authorization, 401]);
    }
    expect((await ask({ path: `/status?token=${token}` }, true)).status).toBe(401);
  });
});

describe('a thousand slow clients', () => {
  it('[SEC-46] hold a bounded number of connections, and lock nobody out', async () => {
    const slow = Array.from({ length: 1_000 }, () => {
      const socket = connect(socketPath, () => socket.write('GET /status HTTP/1.1\r\nHost: local'));
      socket.on('error', () => undefined);
      sockets.push(socket);
      return socket;
    });
    await Promise.all(
      slow.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
    );
    for (let round = 0; round < 10; round++) expect((await ask({})).status).toBe(200);
    const ended = await settled(() => slow.filter((socket) => socket.destroyed || socket.readableEnded).length >= 936);
    expect(ended).toBe(true);
  });

  it('[SEC-46] that crowd the status socket do not keep an answer from those who may use the control socket', async () => {
    const path = join(directory, 'crowded.sock');
    const crowded = createServer((socket) => socket.destroy());
    const quiet = createBoundedServer((_, response) => response.end(JSON.stringify(relayReport)));
    await new Promise<void>((resolve) => crowded.listen(path, resolve));
    await expect(askStatus(path)).rejects.toThrow('not running');
    await new Promise<void>((resolve) => quiet.listen(controlSocketOf(path), resolve));
    expect((await askStatus(path)).state).toBe('running');
    for (const each of [crowded, quiet]) await new Promise((resolve) => each.close(resolve));
  });

  it('[SEC-46] of one owner leave the connections of others alone, also of those that ask less often', async () => {
    const path = join(directory, 'owned.sock');
    const owners: Socket[] = [];
    const bounds = { connections: 4, headersMs: 5_000, silenceMs: 5_000 };
    const owned = createBoundedServer(
      (_, response) => response.end('answer'),
      bounds,
      (socket) => {
        if (!owners.includes(socket)) owners.push(socket);
        return owners.indexOf(socket) === 0 ? 1 : 2;
      },
    );
    await new Promise<void>((resolve) => owned.listen(path, resolve));
    const quiet = connect(path);
    await once(quiet, 'connect');
    await crowd(path, 30);
    quiet.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    sockets.push(quiet);
    const [answer] = await once(quiet, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    owned.closeAllConnections();
    await new Promise((resolve) => owned.close(resolve));
  });

  it.runIf(process.getuid?.() === 0)('[SEC-46] of another user crowd nobody out of the status socket', async () => {
    // The code that reads users is loaded when a socket is crowded first, which takes seconds when a test has to compile it.
    await import('@navalis/netio');
    chmodSync(directory, 0o755);
    await crowdAs(65_534, 100);
    const quiet = connect(socketPath);
    await once(quiet, 'connect');
    await crowdAs(65_534, 200);
    quiet.write('GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n');
    sockets.push(quiet);
    const [answer] = await once(quiet, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('[SEC-46] that fill the queue of the kernel delay an answer, and do not prevent it', async () => {
    const path = join(directory, 'full.sock');
    const full = createBoundedServer((_, response) => response.end(JSON.stringify(relayReport)));
    await new Promise<void>((resolve) => full.listen({ path, backlog: 1 }, resolve));
    const errors: unknown[] = [];
    // In one turn of the loop, so that none of them is accepted before the last.
    for (let count = 0; count < 5; count++) {
      sockets.push(connect(path).on('error', ({ code }: NodeJS.ErrnoException) => void errors.push(code)));
    }
    expect((await askStatus(path)).state).toBe('running');
    expect(errors).toContain('EAGAIN');
    full.closeAllConnections();
    await new Promise((resolve) => full.close(resolve));
  });

  it('[SEC-46] lose their connections when headers take too long, or nothing moves', async () => {
    const path = join(directory, 'bounded.sock');
    const bounded = createBoundedServer((_, response) => response.end('x'.repeat(50_000_000)), {
      connections: 4,
      headersMs: 300,
      silenceMs: 600,
    });
    let accepted = 0;
    bounded.on('connection', () => accepted++);
    await new Promise<void>((resolve) => bounded.listen(path, resolve));
    const silent = connect(path, () => silent.write('GET / HTTP/1.1\r\n'));
    const trickling = connect(path, () => trickling.write('GET / HTTP/1.1\r\n'));
    const more = setInterval(() => trickling.write('X: y\r\n'), 50);
    const notReading = connect(path, () => notReading.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).pause();
    for (const socket of [silent, trickling, notReading])
      socket.on('error', () => undefined).on('data', () => undefined);
    notReading.pause();
    sockets.push(silent, trickling, notReading);
    const count = () => new Promise<number>((resolve) => bounded.getConnections((_, number) => resolve(number)));
    expect(await settled(() => accepted === 3)).toBe(true);
    expect(await settled(async () => (await count()) === 0)).toBe(true);
    clearInterval(more);
    await new Promise((resolve) => bounded.close(resolve));
  });

  it('cost the data plane one report after another', async () => {
    let atOnce = 0;
    let most = 0;
    let made = 0;
    const ask = batched(async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      return ++made;
    });
    const first = ask();
    const others = Array.from({ length: 1_000 }, ask);
    expect([await first, ...new Set(await Promise.all(others))]).toEqual([1, 2]);
    expect(await ask()).toBe(3);
    expect([most, made]).toEqual([1, 3]);
  });

  it('get an error if a report fails, and the next one all the same', async () => {
    let made = 0;
    const ask = batched(async () => {
      if (++made === 1) throw new Error('ending');
      return made;
    });
    const [first, second] = await Promise.allSettled([ask(), ask()]);
    expect([first?.status, second]).toEqual(['rejected', { status: 'fulfilled', value: 2 }]);
  });
});

/** Opens connections that do not ask. */
async function crowd(path: string, count: number): Promise<void> {
  for (let each = 0; each < count; each++) {
    const socket = connect(path).on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
  }
}

/** Has a process of this user open connections to the status socket one after another, and keep them until all are open. */
async function crowdAs(uid: number, count: number): Promise<void> {
  const script = `const { connect } = require('node:net');
    let left = ${count};
    const next = () => {
      if (left-- === 0) process.exit(0);
      connect(${JSON.stringify(socketPath)}, next).on('error', () => undefined);
    };
    next();`;
  const child = spawn(process.execPath, ['-e', script], { uid, gid: uid, stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
}

/** Waits until something is true, for ten seconds at most. */
async function settled(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
