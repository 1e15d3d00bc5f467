import { LabError } from '../lab-error.ts';
import type { Namespace } from '../network/namespace.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Flood {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly count: number;
  /** Start of the generator: the same seed sends the same datagrams. */
  readonly seed: number;
  readonly templates: readonly Uint8Array[];
}

/**
 * A third random octets, a third templates cut short, a third templates with a few octets changed. It pauses after each
 * small batch, so that the datagrams reach the program instead of overflowing its socket.
 */
const script = `
  import { createSocket } from 'node:dgram';
  import { once } from 'node:events';
  import { setTimeout } from 'node:timers/promises';
  const { from, to, count, seed, templates } = JSON.parse(process.argv[1]);
  let state = seed >>> 0;
  const below = (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const octets = (length) => Uint8Array.from({ length }, () => below(256));
  const originals = templates.map((hex) => Buffer.from(hex, 'hex'));
  const kinds = [
    () => octets(below(100) === 0 ? below(1400) : below(140)),
    () => { const one = originals[below(originals.length)]; return one.subarray(0, below(one.length)); },
    () => {
      const one = Buffer.from(originals[below(originals.length)]);
      for (let changes = 1 + below(4); changes > 0; changes -= 1) one[below(one.length)] = below(256);
      return one;
    },
  ];
  const socket = createSocket('udp4');
  socket.bind(from.port, from.address);
  await once(socket, 'listening');
  let sent = 0;
  for (let index = 0; index < count; ) {
    const batch = [];
    for (let size = 0; size < 100 && index < count; size += 1, index += 1) {
      const datagram = kinds[index % kinds.length]();
      batch.push(new Promise((resolve) => socket.send(datagram, to.port, to.address, (error) => resolve(error ? 0 : 1))));
    }
    for (const one of await Promise.all(batch)) sent += one;
    await setTimeout(5);
  }
  socket.close();
  console.log(sent);
`;

/** Sends hostile datagrams and returns how many left. */
export async function flood(machine: Namespace, options: Flood): Promise<number> {
  const templates = options.templates.map((template) => Buffer.from(template).toString('hex'));
  const args = ['--input-type=module', '-e', script, JSON.stringify({ ...options, templates })];
  const result = await machine.runBeside(process.execPath, args, { timeoutMs: 120_000 });
  const sent = Number(result.stdout);
  if (!(sent > 0)) throw new LabError(`The flood from ${machine.label} did not leave: ${result.stderr}`);
  return sent;
}
