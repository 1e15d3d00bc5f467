import type { CounterSnapshot, DropReason } from '@navalis/engine';
import type { RelayNode } from '../../teredo/relay-node.ts';
import type { ServerNode } from '../../teredo/server-node.ts';
import type { Population } from './population.ts';

export type MeteredRole = 'server' | 'relay';

/** The load of one machine in one second. */
interface Sample {
  /** Datagrams received, and packets taken from the IPv6 Internet. */
  readonly packets: number;
  /** Entries in the peer table. */
  readonly entries: number;
  /** Entries that came in this second and were refused. */
  readonly refused: number;
}

/** The load of one role in some time: of all its machines that were up. */
export interface RoleLoad {
  /** Packets a second of one machine on average, and in the busiest second of any. */
  readonly average: number;
  readonly peak: number;
  /** The busiest second of all together, as a multiple of the average second. */
  readonly peakToAverage: number;
  readonly mostEntries: number;
  /** The most new entries that one machine was asked for in a second. */
  readonly mostNewEntries: number;
  readonly refused: number;
}

interface Machine {
  readonly role: MeteredRole;
  readonly node: ServerNode | RelayNode;
  packets: number;
  refused: number;
  readonly samples: Sample[];
  /** The seconds in which it was up. */
  readonly wasUp: boolean[];
}

const sampleMs = 1000;

/** Samples the counters of all servers and relays in each second of virtual time. */
export class LoadMeter {
  readonly #machines: readonly Machine[];

  constructor({ net, servers, relays }: Population) {
    const machine = (role: MeteredRole, node: ServerNode | RelayNode): Machine => ({
      role,
      node,
      packets: 0,
      refused: 0,
      samples: [],
      wasUp: [],
    });
    this.#machines = [
      ...servers.map((node) => machine('server', node)),
      ...relays.map((node) => machine('relay', node)),
    ];
    const sample = (): void => {
      for (const each of this.#machines) this.#sample(each);
      net.clock.after(sampleMs, sample);
    };
    net.clock.after(sampleMs, sample);
  }

  /** The samples that there are. */
  get seconds(): number {
    return this.#machines[0]!.samples.length;
  }

  /** Returns the load of a role between two numbers of samples. */
  load(role: MeteredRole, from: number, to: number = this.seconds): RoleLoad {
    const machines = this.#machines.filter((machine) => machine.role === role);
    const totals = new Array<number>(Math.max(0, to - from)).fill(0);
    let [peak, sum, count, mostEntries, mostNewEntries, refused] = [0, 0, 0, 0, 0, 0];
    for (const { samples, wasUp } of machines) {
      for (let at = from; at < to; at++) {
        const sample = samples[at]!;
        if (!wasUp[at]) continue;
        totals[at - from]! += sample.packets;
        peak = Math.max(peak, sample.packets);
        sum += sample.packets;
        count += 1;
        const news = Math.max(0, sample.entries - (samples[at - 1]?.entries ?? 0)) + sample.refused;
        mostEntries = Math.max(mostEntries, sample.entries);
        mostNewEntries = Math.max(mostNewEntries, news);
        refused += sample.refused;
      }
    }
    const averageTotal = sum / Math.max(1, totals.length);
    return {
      average: sum / Math.max(1, count),
      peak,
      peakToAverage: averageTotal === 0 ? 0 : Math.max(...totals) / averageTotal,
      mostEntries,
      mostNewEntries,
      refused,
    };
  }

  #sample(machine: Machine): void {
    const { counters, peers: entries } = machine.node.status;
    const packets = counters.datagramsReceived + counters.packetsTaken;
    const refused = dropsOf(counters, 'rate-limited');
    machine.samples.push({ packets: packets - machine.packets, entries, refused: refused - machine.refused });
    machine.wasUp.push(machine.node.isUp);
    machine.packets = packets;
    machine.refused = refused;
  }
}

function dropsOf({ drops }: CounterSnapshot, reason: DropReason): number {
  return drops[reason] ?? 0;
}
