import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import type { PeerAccess } from '../../src/peers/peer-access.ts';
import type { SubcommandCall } from '../../src/program/subcommand.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { RecentLines } from '../../src/status/recent-lines.ts';
import type { StatusReport } from '../../src/status/status-report.ts';
import { type StatusServer, startStatusServer } from '../../src/status/status-server.ts';

/** For waits whose end comes late on a busy machine: the first request loads the routes. */
export const patient = { timeout: 30_000 } as const;

/** A status server for one test, and what the commands that ask it print. */
export interface ServedPeers {
  readonly socketPath: string;
  /** The TCP port on loopback. */
  readonly port: number;
  printed: string;
  /** Starts the server, in place of one that runs. */
  serve(role: StatusReport['role'], access: Partial<PeerAccess>, report?: () => Promise<StatusReport>): Promise<void>;
  /** Returns the call of a command. */
  call(operands: readonly string[], options: SubcommandCall['options']): SubcommandCall;
}

/** Gives each test of a file a server of its own. */
export function servedPeers(): ServedPeers {
  let folder = '';
  let port = 0;
  let server: StatusServer | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'navalis-peers-'));
    port = await freePort();
    served.printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      served.printed += String(text);
      return true;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });
  const served: ServedPeers = {
    get socketPath() {
      return join(folder, 'status.sock');
    },
    get port() {
      return port;
    },
    printed: '',
    async serve(role, access, report = () => Promise.reject(new Error('No status is wanted.'))) {
      await server?.close();
      server = await startStatusServer({
        role,
        version: '1.2.3',
        socketPath: served.socketPath,
        http: { host: '127.0.0.1', port },
        httpToken: undefined,
        httpNames: [],
        lines: new RecentLines(hostTime),
        late: { time: hostTime, warn: () => undefined, fail: () => undefined },
        peerAccess: () => ({ peers: async () => undefined, watchPeer: () => () => undefined, ...access }),
        report,
      });
    },
    call(operands, options) {
      const values = new Map([['status-socket', { value: served.socketPath, source: 'flag' }]] as const);
      return {
        program: { role: 'client', description: '', entry: '' },
        version: '0',
        sources: { config: undefined, values },
        operands,
        options,
        dataPlane: () => {
          throw new Error('No data plane is wanted.');
        },
      };
    },
  };
  return served;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
