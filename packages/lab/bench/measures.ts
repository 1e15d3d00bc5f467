import { tcpMegabits } from '../src/iperf.ts';
import type { MeasureKind } from './contestants.ts';
import { peerFigures, residentMegabytes } from './memory.ts';
import { interleavedKilopackets, kilopackets } from './packet-rate.ts';
import { openWay, roundTripsMs } from './round-trips.ts';
import { solicitations } from './solicitations.ts';
import { type Place, processorSeconds, type Stage } from './stage.ts';
import { addressAfterMs } from './start-time.ts';
import { quantile } from './statistics.ts';

/** How much of everything. */
export interface Effort {
  readonly streamSeconds: number;
  readonly packetSeconds: number;
  readonly pings: number;
  readonly starts: number;
  /** Also what differs little from the rest: four streams on every path, both sizes of packets in both directions. */
  readonly thorough: boolean;
}

/** Programs and streams have to get up to speed: code is compiled, windows open. */
const warmUpSeconds = 1;

/** Takes down one figure of one contestant. */
type Report = (measure: string, value: number) => void;

/** Figures that are taken together. */
export interface MeasureGroup {
  readonly name: string;
  /** Whether the bare link can be measured, too. */
  readonly withoutTunnel: boolean;
  readonly run: (stage: Stage, effort: Effort, report: Report) => Promise<void>;
}

/** Where packets can go from the first client. `up` is away from it. */
const paths: Readonly<Record<'relay' | 'direct' | 'host relay', (stage: Stage) => readonly [Place, Place]>> = {
  relay: ({ clients, web }) => [clients[0], web],
  direct: ({ clients }) => [clients[0], clients[1]],
  'host relay': ({ clients, dualStack }) => [clients[0], dualStack],
};

export const measureGroups: readonly MeasureGroup[] = [
  {
    name: 'tcp',
    withoutTunnel: true,
    async run(stage, { streamSeconds: seconds, thorough }, report) {
      const { laboratory } = stage;
      for (const [name, placesOf] of Object.entries(paths)) {
        const [client, other] = placesOf(stage);
        await openWay(client, other);
        for (const streams of thorough || name === 'relay' ? [1, 4] : [1]) {
          const megabits = (from: Place, to: Place): Promise<number> =>
            tcpMegabits(laboratory, from.host, to, { seconds, warmUpSeconds }, streams);
          report(`tcp ${streams} ${name} up`, await megabits(client, other));
          report(`tcp ${streams} ${name} down`, await megabits(other, client));
        }
      }
    },
  },
  {
    name: 'cpu',
    withoutTunnel: false,
    async run(stage, { streamSeconds: seconds }, report) {
      const [client, web] = paths.relay(stage);
      await openWay(client, web);
      const used = (): number => processorSeconds(client.host) + processorSeconds(stage.relay);
      const before = used();
      const megabits = await tcpMegabits(stage.laboratory, client.host, web, { seconds });
      report('cpu relay up', (used() - before) / ((megabits * seconds) / 1000));
    },
  },
  {
    name: 'udp',
    withoutTunnel: true,
    async run(stage, { packetSeconds, thorough }, report) {
      for (const name of thorough ? (['relay', 'direct'] as const) : (['relay'] as const)) {
        const [client, other] = paths[name](stage);
        await openWay(client, other);
        for (const octets of [64, 1200]) {
          const measureFrom = (from: Place, to: Place): Promise<number> =>
            kilopackets(stage, from, to, octets, packetSeconds);
          report(`udp ${octets} ${name} up`, await measureFrom(client, other));
          report(`udp ${octets} ${name} down`, await measureFrom(other, client));
        }
      }
    },
  },
  {
    name: 'interleaved',
    withoutTunnel: false,
    async run(stage, { packetSeconds }, report) {
      report('udp 64 to 1000 clients', await interleavedKilopackets(stage, 1000, 64, packetSeconds));
    },
  },
  {
    name: 'rtt',
    withoutTunnel: true,
    async run(stage, { pings }, report) {
      const [client, web] = paths.relay(stage);
      await openWay(client, web);
      const idle = await roundTripsMs(client, web, pings);
      report('rtt idle median', quantile(idle, 0.5));
      report('rtt idle p99', quantile(idle, 0.99));
      const seconds = Math.ceil((pings * 5) / 1000) + 1;
      const [loaded] = await Promise.all([
        new Promise((resolve) => setTimeout(resolve, 500)).then(() => roundTripsMs(client, web, pings)),
        tcpMegabits(stage.laboratory, client.host, web, { seconds }),
      ]);
      report('rtt loaded median', quantile(loaded, 0.5));
      report('rtt loaded p99', quantile(loaded, 0.99));
    },
  },
  {
    name: 'server',
    withoutTunnel: false,
    async run(stage, { packetSeconds }, report) {
      for (const asking of ['trains', 'single'] as const) {
        for (const inFlight of asking === 'trains' ? [1, 64, 512] : [64, 512]) {
          const { perSecond, medianMs } = await solicitations(stage, inFlight, asking, packetSeconds);
          report(`solicitations ${inFlight} ${asking} rate`, perSecond / 1000);
          report(`solicitations ${inFlight} ${asking} latency`, medianMs * 1000);
        }
      }
    },
  },
  {
    name: 'start',
    withoutTunnel: false,
    async run(stage, { starts }, report) {
      for (let count = 0; count < starts; count++) report('start to address', await addressAfterMs(stage));
    },
  },
  {
    name: 'memory',
    withoutTunnel: false,
    async run({ contestant, relay }, { thorough }, report) {
      report('memory of the relay', residentMegabytes(relay));
      if (contestant !== 'navalis') return;
      const empty = peerFigures(0);
      for (const clients of thorough ? [1000, 10_000, 1_000_000] : [1000, 10_000]) {
        const figures = peerFigures(clients);
        const octets = figures.residentOctets - empty.residentOctets;
        report(`memory with ${clients} clients`, octets / 1e6);
        report(`packet to one of ${clients} clients`, figures.packetNs ?? Number.NaN);
        report(`packet to one of 1000 active among ${clients}`, figures.packetToActiveNs ?? Number.NaN);
        report(`look-up of one of ${clients} clients`, figures.lookUpNs ?? Number.NaN);
        report(`look-up of one of 1000 active among ${clients}`, figures.lookUpOfActiveNs ?? Number.NaN);
      }
    },
  },
];

/** How figures of a measure are to be read. */
export function kindOf(measure: string): MeasureKind {
  const [first = ''] = measure.split(' ');
  if (first === 'solicitations' && measure.endsWith('latency')) return { unit: 'us', moreIsBetter: false };
  return kinds[first] ?? { unit: 'ms', moreIsBetter: false };
}

const kinds: Readonly<Record<string, MeasureKind>> = {
  tcp: { unit: 'Mbit/s', moreIsBetter: true },
  udp: { unit: 'kpacket/s', moreIsBetter: true },
  solicitations: { unit: 'k/s', moreIsBetter: true },
  cpu: { unit: 's/Gbit', moreIsBetter: false },
  memory: { unit: 'MB', moreIsBetter: false },
  packet: { unit: 'ns', moreIsBetter: false },
  'look-up': { unit: 'ns', moreIsBetter: false },
};
