import { existsSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counters } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { askStatus } from '../../src/status/ask-status.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

let folder: string;
let path: string;
let warnings: string[];
let looks: (() => void)[];
let server: StatusServer;
let isEnded: boolean;

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'navalis-kept-')), 'run');
  path = join(folder, 'status.sock');
  warnings = [];
  looks = [];
  isEnded = false;
  const counters = new Counters().snapshot();
  const report = { role: 'server', version: '1', state: 'running', since: '2026-01-01T00:00:00.000Z' } as const;
  server = await startStatusServer({
    role: 'server',
    version: '1',
    socketPath: path,
    http: undefined,
    httpToken: undefined,
    httpNames: [],
    lines: new RecentLines(hostTime),
    late: {
      time: {
        after: hostTime.after,
        every: (_, due) => {
          looks.push(due);
          return () => {
            isEnded = true;
          };
        },
      },
      warn: (sentence) => void warnings.push(sentence),
      fail: (error) => {
        throw error;
      },
    },
    peerAccess: () => undefined,
    report: async () => ({ ...report, peers: 0, counters }),
  });
});

afterEach(async () => {
  await server.close();
  rmSync(join(folder, '..'), { recursive: true });
});

/** Carries out the checks of all sockets. */
function look(): void {
  for (const each of looks) each();
}

/** Lets the checks go on until there are so many warnings. */
async function lookUntil(count: number): Promise<void> {
  const looked = () => {
    look();
    return warnings.length;
  };
  await expect.poll(looked, { timeout: 5_000 }).toBe(count);
}

/** Lets some checks go on. */
async function lookOften(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    look();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the status socket that another program removed', () => {
  it('is opened again, for everybody as before, and the log says so each time', async () => {
    await lookOften();
    expect(warnings).toEqual([]);
    unlinkSync(path);
    await lookUntil(1);
    expect(warnings).toEqual([`The status socket ${path} was removed by another program and is open again.`]);
    expect((await askStatus(path)).state).toBe('running');
    expect(statSync(path).mode & 0o777).toBe(0o666);
    await lookOften();
    unlinkSync(path);
    await lookUntil(2);
    expect((await askStatus(path)).state).toBe('running');
  });

  it('[SEC-47] is opened again with its folder and the control socket, for the same users as before', async () => {
    rmSync(folder, { recursive: true });
    await lookUntil(2);
    const again = (socket: string) => `The ${socket} was removed by another program and is open again.`;
    expect([...warnings].sort()).toEqual([again(`control socket ${path}.control`), again(`status socket ${path}`)]);
    expect([path, `${path}.control`].map((each) => statSync(each).mode & 0o777)).toEqual([0o666, 0o660]);
    expect((await askStatus(`${path}.control`)).state).toBe('running');
  });

  it('is tried again while it cannot be opened, with one warning', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file in place of the folder');
    await lookUntil(2);
    await lookOften();
    const failure = expect.stringMatching(/cannot be opened again\. .* tries again every 5 s\.$/);
    expect(warnings).toEqual([failure, failure]);
    rmSync(folder);
    await lookUntil(4);
    expect(warnings[3]).toMatch(/open again\.$/);
    expect((await askStatus(path)).state).toBe('running');
  });

  it('is left alone after the end, also by a check that began before', async () => {
    unlinkSync(path);
    look();
    await server.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([warnings, existsSync(path)]).toEqual([[], false]);
  });

  it('is left alone after the end', async () => {
    await server.close();
    expect(isEnded).toBe(true);
  });
});
