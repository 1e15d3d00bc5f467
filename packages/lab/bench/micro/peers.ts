// How long a page of peers takes, and how long the data plane stops for it: a relay's engine with 1,000,000 clients, which goes on
// sending packets between the steps of the scan, as the loop of a program does. On a busy machine the longest stalls are those of other
// programs: the last line says how long this machine stops a loop that does nothing. The usual one is the median of the longest of each page.
// node --expose-gc peers.js [PEERS]
import { peerSorts } from '@navalis/engine';
import { type PeerPage, type PeerQuery, PeerScan } from '@navalis/traversal';
import { median } from '../statistics.ts';
import { RelayWithClients } from './relay-with-clients.ts';

const peers = Number(process.argv[2] ?? 1_000_000);
const packetsPerTurn = 128;
const rounds = 20;
/** About the time that all pages take. */
const controlMs = 15_000;

interface Measured {
  readonly page: PeerPage;
  readonly pageMs: number;
  readonly longestStallMs: number;
}

const relay = new RelayWithClients(peers);
relay.introduce(peers, 1000);
globalThis.gc?.();
const scan = new PeerScan(relay.engine.peerRows, () => 0);
let client = 0;

process.stdout.write(
  `A relay with ${peers.toLocaleString('en')} peers; ${packetsPerTurn} packets leave between two steps of a page.\n`,
);
for (const sort of peerSorts) {
  for (const limit of [100, 1000]) report(`first page of ${limit} by ${sort}`, { sort, limit, after: undefined });
}
const after = ask({ sort: 'heard', limit: 1000, after: undefined }).page.next;
report('second page of 1000 by heard', { sort: 'heard', limit: 1000, after });
process.stdout.write(`a loop that does nothing         longest stall ${longestPauseMs(controlMs).toFixed(2)} ms\n`);

function report(name: string, query: PeerQuery): void {
  const measured = Array.from({ length: rounds }, () => ask(query));
  const pageMs = median(measured.map((each) => each.pageMs)).toFixed(1);
  const stalls = measured.map((each) => each.longestStallMs);
  const [usual, longest] = [median(stalls).toFixed(2), Math.max(...stalls).toFixed(2)];
  process.stdout.write(`${name.padEnd(28)} ${pageMs} ms, longest stall ${longest} ms, usually ${usual} ms\n`);
}

/** Takes one page as the loop of a data plane does: packets, then a step. */
function ask(query: PeerQuery): Measured {
  let page: PeerPage | undefined;
  let longestStallMs = 0;
  const startedAt = performance.now();
  scan.request(query, (found) => {
    page = found;
  });
  while (scan.isPending) {
    for (let packet = 0; packet < packetsPerTurn; packet++) {
      client = (client + 7919) % peers;
      relay.sendTo(client, 1001);
    }
    const before = performance.now();
    scan.step(1001);
    longestStallMs = Math.max(longestStallMs, performance.now() - before);
  }
  return { page: page!, pageMs: performance.now() - startedAt, longestStallMs };
}

/** Returns the longest time between two looks at the clock. */
function longestPauseMs(durationMs: number): number {
  const end = performance.now() + durationMs;
  let longestMs = 0;
  for (let before = performance.now(); before < end; ) {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - before);
    before = now;
  }
  return longestMs;
}
