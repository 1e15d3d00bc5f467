import { LabError } from '../src/lab-error.ts';
import type { Place } from '../src/network/place.ts';
import { tcpMegabits } from '../src/traffic/iperf.ts';
import type { MeasureKind } from './contestants.ts';
import { largestResidentMegabytes, peerFigures } from './memory.ts';
import { interleavedKilopackets, kilopackets } from './packet-rate.ts';
import { openWay, roundTripsMs } from './round-trips.ts';
import { solicitations } from './solicitations.ts';
import { processorSeconds, type Stage } from './stage.ts';
import { addressAfterMs } from './start-time.ts';
import { quantile } from './statistics.ts';

/** The extent of each measurement. */
export interface Effort {
  readonly streamSeconds: number;
  readonly packetSeconds: number;
  readonly pings: number;
  readonly starts: number;
  /** Also measures with similar results: four streams on every path, both sizes of packets in both directions. */
  readonly thorough: boolean;
}

/** The warm-up of programs and streams: code is compiled, windows open. */
const warmUpSeconds = 1;

/** Records one figure of one contestant. */
type Report = (measure: string, value: number) => void;

/** One piece of work, some seconds long, and its figures. */
export type Step = (stage: Stage, report: Report) => Promise<void>;

/** Figures that belong together. */
export interface MeasureGroup {
  readonly name: string;
  /** Whether the bare link can be measured, too. */
  readonly withoutTunnel: boolean;
  readonly steps: (effort: Effort) => readonly Step[];
}

/** The paths of packets from the first client. `up` is away from it. */
const paths = {
  relay: ({ clients, web }: Stage): readonly [Place, Place] => [clients[0], web],
  direct: ({ clients }: Stage): readonly [Place, Place] => [clients[0], clients[1]],
  'host relay': ({ clients, dualStack }: Stage): readonly [Place, Place] => [clients[0], dualStack],
} as const;

type PathName = keyof typeof paths;

/** The two ends of a path that already works. */
async function endsOf(path: PathName, direction: Direction, stage: Stage): Promise<readonly [Place, Place]> {
  const [client, other] = paths[path](stage);
  await openWay(client, other);
  return direction === 'up' ? [client, other] : [other, client];
}

const directions = ['up', 'down'] as const;
type Direction = (typeof directions)[number];

export const measureGroups: readonly MeasureGroup[] = [
  {
    name: 'tcp',
    withoutTunnel: true,
    steps: ({ streamSeconds: seconds, thorough }) =>
      (Object.keys(paths) as PathName[]).flatMap((path) =>
        (thorough || path === 'relay' ? [1, 4] : [1]).flatMap((streams) =>
          directions.map((direction) => async (stage, report) => {
            const [from, to] = await endsOf(path, direction, stage);
            const load = { seconds, warmUpSeconds, streams };
            const megabits = await tcpMegabits(stage.laboratory, from.host, to, load);
            report(`tcp ${streams} ${path} ${direction}`, megabits);
          }),
        ),
      ),
  },
  {
    name: 'cpu',
    withoutTunnel: false,
    steps: ({ streamSeconds: seconds }) => [
      async (stage, report) => {
        const [client, web] = await endsOf('relay', 'up', stage);
        const used = (): number => processorSeconds(client.host) + processorSeconds(stage.relay);
        const before = used();
        const megabits = await tcpMegabits(stage.laboratory, client.host, web, { seconds });
        report('cpu relay up', (used() - before) / ((megabits * seconds) / 1000));
      },
    ],
  },
  {
    name: 'udp',
    withoutTunnel: true,
    steps: ({ packetSeconds, thorough }) =>
      (thorough ? (['relay', 'direct'] as const) : (['relay'] as const)).flatMap((path) =>
        [64, 1200].flatMap((octets) =>
          directions.map((direction) => async (stage, report) => {
            const [from, to] = await endsOf(path, direction, stage);
            report(
              `udp ${octets} ${path} ${direction}`,
              await kilopackets(stage, from, to, { octets, seconds: packetSeconds }),
            );
          }),
        ),
      ),
  },
  {
    name: 'interleaved',
    withoutTunnel: false,
    steps: ({ packetSeconds }) => [
      async (stage, report) =>
        report('udp 64 to 1000 clients', await interleavedKilopackets(stage, 1000, 64, packetSeconds)),
    ],
  },
  {
    name: 'rtt',
    withoutTunnel: true,
    steps: ({ pings }) => [
      async (stage, report) => {
        const [client, web] = await endsOf('relay', 'up', stage);
        const idle = await roundTripsMs(client, web, pings);
        report('rtt idle median', quantile(idle, 0.5));
        report('rtt idle p99', quantile(idle, 0.99));
      },
      async (stage, report) => {
        const [client, web] = await endsOf('relay', 'up', stage);
        const seconds = Math.ceil((pings * 5) / 1000) + 1;
        const [loaded] = await Promise.all([
          new Promise((resolve) => setTimeout(resolve, 500)).then(() => roundTripsMs(client, web, pings)),
          tcpMegabits(stage.laboratory, client.host, web, { seconds }),
        ]);
        report('rtt loaded median', quantile(loaded, 0.5));
        report('rtt loaded p99', quantile(loaded, 0.99));
      },
    ],
  },
  {
    name: 'server',
    withoutTunnel: false,
    steps: ({ packetSeconds }) =>
      (['trains', 'single'] as const).flatMap((asking) =>
        (asking === 'trains' ? [1, 64, 512] : [64, 512]).map((inFlight) => async (stage, report) => {
          const { perSecond, medianMs } = await solicitations(stage, inFlight, asking, packetSeconds);
          report(`solicitations ${inFlight} ${asking} rate`, perSecond / 1000);
          report(`solicitations ${inFlight} ${asking} latency`, medianMs * 1000);
        }),
      ),
  },
  {
    name: 'start',
    withoutTunnel: false,
    steps: ({ starts }) =>
      Array.from({ length: starts }, () => async (stage, report) => {
        report('start to address', await addressAfterMs(stage));
      }),
  },
  {
    name: 'memory',
    withoutTunnel: false,
    steps: ({ thorough }) => [
      async ({ relay }, report) => report('memory of the relay', largestResidentMegabytes(relay)),
      ...(thorough ? [1000, 10_000, 1_000_000] : [1000, 10_000]).map(
        (clients): Step =>
          async (stage, report) => {
            if (stage.contestant === 'miredo') return;
            const { checkout } = stage.laboratory;
            const figures = peerFigures(checkout, clients);
            const octets = figures.residentOctets - peerFigures(checkout, 0).residentOctets;
            report(`memory with ${clients} clients`, octets / 1e6);
            report(`packet to one of ${clients} clients`, figures.packetNs ?? Number.NaN);
            report(`packet to one of 1000 active among ${clients}`, figures.packetToActiveNs ?? Number.NaN);
            report(`look-up of one of ${clients} clients`, figures.lookUpNs ?? Number.NaN);
            report(`look-up of one of 1000 active among ${clients}`, figures.lookUpOfActiveNs ?? Number.NaN);
          },
      ),
    ],
  },
];

/** Returns the groups with these names, separated by commas; all of them by default. @throws LabError for a name of none. */
export function groupsFrom(text: string | undefined): readonly MeasureGroup[] {
  if (text === undefined) return measureGroups;
  return text.split(',').map((name) => {
    const group = measureGroups.find((each) => each.name === name);
    if (group !== undefined) return group;
    throw new LabError(`--only names "${name}"; it may name ${measureGroups.map((each) => each.name).join(', ')}.`);
  });
}

/** Returns the kind of a measure, which says how to read its figures. */
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
