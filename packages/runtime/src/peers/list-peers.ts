import { loadStatusSocket } from '@navalis/config';
import { mostPeersPerPage } from '@navalis/traversal';
import { NavalisError } from '../navalis-error.ts';
import type { SubcommandCall } from '../program/subcommand.ts';
import { hostTime } from '../scheduling/time.ts';
import { askProgram } from '../status/ask-status.ts';
import type { PeerReport, PeersReport } from './peers-report.ts';
import { peersTable } from './peers-table.ts';

/** The options of the command. */
interface PeersOptions {
  readonly json?: true;
  readonly watch?: true;
  readonly limit?: string;
  readonly sort?: string;
}

/** Our choice: fits a screen. */
const usualLimit = 20;
const watchIntervalMs = 1000;
const clearScreen = '\x1b[H\x1b[2J';

/** Runs the command `peers`. @throws NavalisError as `askProgram` does, and `configuration`. */
export async function listPeers({ program, sources, options }: SubcommandCall): Promise<number> {
  const { json, watch, limit: limitText, sort = 'heard' }: PeersOptions = options;
  const limit = limitFrom(limitText);
  const socketPath = loadStatusSocket(program.role, sources);
  for (;;) {
    const report = await askPages(socketPath, sort, limit);
    if (watch && !json && process.stdout.isTTY) process.stdout.write(clearScreen);
    process.stdout.write(
      json ? `${JSON.stringify(report, undefined, watch ? 0 : 2)}\n` : peersTable(report, hostTime.wall()),
    );
    if (!watch) return 0;
    await new Promise<void>((resolve) => hostTime.after(watchIntervalMs, resolve));
  }
}

/** Asks for pages until there are `limit` peers, or no more. */
async function askPages(socketPath: string, sort: string, limit: number): Promise<PeersReport> {
  const peers: PeerReport[] = [];
  let after = '';
  for (;;) {
    const most = Math.min(limit - peers.length, mostPeersPerPage);
    const page = await askProgram<PeersReport>(
      socketPath,
      `/peers?sort=${encodeURIComponent(sort)}&limit=${most}${after}`,
    );
    peers.push(...page.peers);
    if (page.next === undefined || peers.length >= limit) return { ...page, peers };
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

function limitFrom(text: string | undefined): number {
  if (text === undefined) return usualLimit;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw new NavalisError('configuration', `--limit "${text}" must be a whole number from 1 to 100000.`);
}
