// A relay's engine with so many reachable clients, alone in its process, which must allow `gc`:
// node --expose-gc peer-load.js CLIENTS. Prints what it takes and what a packet to one of them, drawn at random, costs.

import { seededRandom } from '@navalis/engine/testing';
import { PeerTable } from '@navalis/peers';
import { median } from '../statistics.ts';
import { RelayWithClients } from './relay-with-clients.ts';

const clients = Number(process.argv[2]);
const capacity = 1_000_000;
const lookUps = 1_000_000;
const rounds = 7;

const relay = new RelayWithClients(capacity);
relay.introduce(clients, 1000);
if (relay.engine.status().peers !== clients) throw new Error('Not all clients are in the table.');
globalThis.gc?.();
const residentOctets = process.memoryUsage().rss;

process.stdout.write(
  `${JSON.stringify({ clients, residentOctets, packetNs: packetNs(), lookUpNs: lookUpNs(), datagrams: relay.datagrams })}\n`,
);

/** Nanoseconds for the decision on one packet to a client drawn at random. */
function packetNs(): number | undefined {
  if (clients === 0) return undefined;
  const order = randomOrder();
  return timed(() => {
    for (let index = 0; index < lookUps; index++) relay.sendTo(order[index]!, 1001);
  });
}

/** Nanoseconds for finding a client drawn at random in a table of that size. */
function lookUpNs(): number | undefined {
  if (clients === 0) return undefined;
  const table = new PeerTable({ capacity }, seededRandom(2));
  for (let index = 0; index < clients; index++) table.insert(0x20010000, 1, index, ~index >>> 0, 'solicited', 0);
  const order = randomOrder();
  return timed(() => {
    for (let index = 0; index < lookUps; index++) {
      const word = order[index]!;
      if (table.find(0x20010000, 1, word, ~word >>> 0) === 0) throw new Error('A client is not in the table.');
    }
  });
}

function randomOrder(): Uint32Array {
  const order = new Uint32Array(lookUps);
  for (let index = 0; index < lookUps; index++) order[index] = Math.floor(drawn() * clients);
  return order;
}

let state = 1;
/** From 0 to 1; quick and good enough to defeat caches. */
function drawn(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

function timed(work: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    work();
    times.push(((performance.now() - startedAt) * 1e6) / lookUps);
  }
  return median(times);
}
