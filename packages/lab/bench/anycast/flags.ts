import { readFlags, wholeNumber } from '../command.ts';

export const help = `Usage: npm run anycast [-- FLAGS]

Builds a laboratory with a server, a router and two relays that announce the service prefix to it through BIRD, native hosts, and many
clients. Echo requests pass through both relays in both directions. Then a relay is killed, its cable is cut, it drains, both are upgraded
under a TCP connection, and one cannot forward. Prints what birdc shows before, during and after, and a table of what was promised and
seen. The exit status is 1 when a promise does not hold. Needs root and a quiet machine; takes about four minutes.

  --clients N  clients of the load generator, 10 to 5000 (1000)
  --hosts N    native hosts, 2 to 64 (16)
  --rate N     echo requests in a second in each direction, a sixth of them where losses count (3000)
  --bfd MS     the interval of BFD, three of which may pass without a packet, 50 to 2000; the guide uses 100, at which sessions end by
               themselves where other work keeps the processors busy (200)
  --drain S    seconds for which a relay drains, 2 to 8 (6)
  --help       this text`;

export interface AnycastFlags {
  readonly clients: number;
  readonly hosts: number;
  readonly rate: number;
  readonly bfdMilliseconds: number;
  readonly drainSeconds: number;
}

/** Returns the flags; undefined when help is asked for. @throws LabError for each mistake. */
export function flagsFrom(args: readonly string[]): AnycastFlags | undefined {
  const text = (usual: number) => ({ type: 'string', default: String(usual) }) as const;
  const values = readFlags(args, {
    clients: text(1_000),
    hosts: text(16),
    rate: text(3_000),
    bfd: text(200),
    drain: text(6),
    help: { type: 'boolean' },
  });
  if (values.help === true) return undefined;
  return {
    clients: wholeNumber('clients', values.clients, [10, 5_000]),
    hosts: wholeNumber('hosts', values.hosts, [2, 64]),
    rate: wholeNumber('rate', values.rate, [1, 20_000]),
    bfdMilliseconds: wholeNumber('bfd', values.bfd, [50, 2_000]),
    // Shorter than the patience of the laboratory at stops.
    drainSeconds: wholeNumber('drain', values.drain, [2, 8]),
  };
}
