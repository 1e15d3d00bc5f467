// A relay's engine with CLIENTS reachable clients, alone in its process, which must allow `gc`:
// node --expose-gc peer-load.js CLIENTS. Prints its memory, and the time of packets to clients and of look-ups: for clients drawn
// at random among all, and among 1,000 active ones, whose memory is in the processor's caches.
import { seededRandom } from '@navalis/engine/testing';
import { PeerTable } from '@navalis/traversal';
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

const active = Math.min(clients, 1000);
const figures = {
  clients,
  residentOctets,
  packetNs: packetNs(clients),
  packetToActiveNs: packetNs(active),
  lookUpNs: lookUpNs(clients),
  lookUpOfActiveNs: lookUpNs(active),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);

/** Nanoseconds for the decision on one packet to a client drawn at random from the first so many. */
function packetNs(among: number): number | undefined {
  if (clients === 0) return undefined;
  const order = randomOrder(among);
  return timed(() => {
    for (let index = 0; index < lookUps; index++) relay.sendTo(order[index]!, 1001);
  });
}

/** Nanoseconds for finding one of the first so many clients in a table of all, drawn at random. */
function lookUpNs(among: number): number | undefined {
  if (clients === 0) return undefined;
  const table = new PeerTable({ capacity }, seededRandom(2));
  for (let index = 0; index < clients; index++)
    table.insert({ word0: 0x20010000, word1: 1, word2: index, word3: ~index >>> 0 }, 'solicited', 0);
  const order = randomOrder(among);
  return timed(() => {
    for (let index = 0; index < lookUps; index++) {
      const word = order[index]!;
      if (table.find({ word0: 0x20010000, word1: 1, word2: word, word3: ~word >>> 0 }) === 0)
        throw new Error('A client is not in the table.');
    }
  });
}

function randomOrder(among: number): Uint32Array {
  const order = new Uint32Array(lookUps);
  for (let index = 0; index < lookUps; index++) order[index] = Math.floor(drawn() * among);
  return order;
}

let state = 1;
/** Returns a number from 0 to 1: fast, and random enough to defeat caches. */
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
