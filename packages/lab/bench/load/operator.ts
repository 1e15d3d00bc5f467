import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { LabError } from '../../src/lab-error.ts';
import type { LoadFigures } from '../../src/load/figures.ts';
import { Generator } from '../../src/load/generator.ts';
import type { LoadTurn } from '../../src/load/settings.ts';
import type { OperatorFlags } from './flags.ts';
import { carry, opened, type RunningLoad, type Tell } from './measure.ts';
import type { LoadResult } from './report.ts';

/** As many as a client knows. */
const mostServers = 16;

/** Loads servers that an operator names, from this host. */
export async function loadOwnServers(flags: OperatorFlags, tell: Tell): Promise<LoadResult> {
  requireDescriptors(flags.clients);
  warnOfLimit(flags, tell);
  const { clients, hosts, sources, peers, startsPerSecond, serverOrder, packetOctets } = flags;
  const generator = await Generator.open({
    ...{ clients, hosts, sources, peers, startsPerSecond, serverOrder, packetOctets },
    servers: (await Promise.all(flags.servers.map(addressesOf))).flat().slice(0, mostServers),
    contactsPerSecond: startsPerSecond,
    rate: 0,
    turn: await turnOf(flags),
    extraGlobalIpv4: flags.extraGlobalIpv4,
  });
  const load = new LoadHere(generator);
  const running = generator.run();
  const work = async () => {
    const first = await opened(load, flags, tell);
    return { opened: first, carried: await carry(load, flags), usage: [] };
  };
  try {
    // The generator ends before the work only when it fails.
    return await Promise.race([work(), running.then(() => Promise.reject(new LabError('The generator has ended.')))]);
  } finally {
    load.order({ kind: 'stop' });
    await running.catch(() => undefined);
  }
}

/** Solicitations that a server answers to one address by default, in a second and at once, and the mean time between refreshes of a client. */
const solicitationsPerSecond = 50;
const solicitationsAtOnce = 200;
const meanRefreshSeconds = 26;

/** Warns when the limit of servers for each address would decide the result. */
function warnOfLimit({ clients, startsPerSecond, sources, servers }: OperatorFlags, tell: Tell): void {
  const pairs = Math.max(1, sources.length) * servers.length;
  const starting = 2 * clients > solicitationsAtOnce * pairs ? (2 * startsPerSecond) / pairs : 0;
  const refreshing = clients / meanRefreshSeconds / pairs;
  const needed = Math.ceil(Math.max(starting, refreshing));
  if (needed <= solicitationsPerSecond) return;
  tell(
    `From each address a server gets up to ${needed} solicitations in a second, and answers ${solicitationsPerSecond} by default: name more addresses with --from, or lower --starts or --clients.`,
  );
}

/** A generator in this process, whose figures are read each second. */
class LoadHere implements RunningLoad {
  readonly #generator: Generator;

  constructor(generator: Generator) {
    this.#generator = generator;
  }

  order(order: Parameters<Generator['order']>[0]): void {
    this.#generator.order(order);
  }

  async until(what: string, holds: (figures: LoadFigures) => boolean, timeoutMs: number): Promise<LoadFigures> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const figures = this.#generator.figures();
      if (holds(figures)) return figures;
      if (performance.now() > giveUpAt)
        throw new LabError(`The generator did not show ${what} within ${timeoutMs} ms.`);
    }
  }

  async measure(ms: number): Promise<LoadFigures> {
    this.order({ kind: 'reset' });
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#generator.figures();
  }
}

/** Open files of this process besides those of clients. */
const otherDescriptors = 50;

/** Node raises the limit to the highest that this process may have. */
function requireDescriptors(clients: number): void {
  const [, text = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const needed = clients + otherDescriptors;
  if (text === '' || Number(text) >= needed) return;
  throw new LabError(
    `${clients} clients need ${needed} open files, and this process may have ${text}: raise the limit in the shell of root with "ulimit -n ${needed}", or start fewer clients.`,
  );
}

async function addressesOf(name: string): Promise<readonly string[]> {
  if (isIPv4(name)) return [name];
  try {
    return (await lookup(name, { family: 4, all: true })).map(({ address }) => address);
  } catch (error) {
    throw new LabError(`${name} has no IPv4 address: correct the name, or the name server of this host.`, {
      cause: error,
    });
  }
}

async function turnOf({ turnUri, turnCredentials }: OperatorFlags): Promise<LoadTurn | undefined> {
  if (turnUri === undefined) return undefined;
  if (turnCredentials === undefined) throw new LabError('--turn-uri needs --turn-credentials with a file.');
  const [line = ''] = readCredentials(turnCredentials).split('\n');
  const [username, ...rest] = line.split(':');
  const password = rest.join(':');
  if (!username || password === '') throw new LabError(`${turnCredentials} must have one line USER:PASSWORD.`);
  const [address = ''] = await addressesOf(turnUri.host);
  return { address, port: turnUri.port, username, password };
}

function readCredentials(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LabError(`${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
