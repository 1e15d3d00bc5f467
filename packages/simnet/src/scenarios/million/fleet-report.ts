import { formatMs, formatTable } from '../../report.ts';
import { type Use, usesOf } from './bottleneck.ts';
import { type FleetRun, type Incident, recoveryTimes } from './fleet-run.ts';
import type { RoleLoad } from './load-meter.ts';

/** The resources that a run took. */
interface Resources {
  /** Wall time. */
  readonly seconds: number;
  /** The time of all threads, those that collect garbage included. */
  readonly processorSeconds: number;
  readonly memoryMb: number;
}

/** The result of a run: its incidents, its size, and the first bottleneck. */
export function fleetText(
  { incidents, population, answeredShare }: FleetRun,
  { seconds, processorSeconds, memoryMb }: Resources,
): string {
  const { net, clients, lost } = population;
  const { events } = net.clock;
  const perSecond = Math.round(events / Math.max(1, seconds));
  const perClient = ((1000 * memoryMb) / clients.length).toFixed(1);
  return [
    incidentTable(incidents),
    '',
    `${net.now / 1000} s of virtual time in ${seconds} s of wall time, ${processorSeconds} s of processors`,
    `${events} events, ${perSecond} per second; ${net.traffic.sent} packets`,
    `peak resident memory ${memoryMb} MB, ${perClient} kB a client`,
    `${lost} addresses given up; ${(100 * answeredShare).toFixed(1)} % of all requests answered`,
    bottleneckText(incidents, clients.length),
  ].join('\n');
}

/** An incident in one line. */
export function incidentText(incident: Incident): string {
  const { name, hit, recoveries, servers, relays } = incident;
  const times = recoveryTimes(incident)?.map(formatMs);
  const recovery =
    times === undefined
      ? ''
      : `; ${recoveries.length} of ${hit} back, median ${times[0]}, p99 ${times[1]}, last ${times[2]}`;
  return `${name}${recovery}; a server ${loadCells(servers).join(', at most ')}; a relay ${loadCells(relays).join(', at most ')}`;
}

/** A table of incidents: how many they hit and how long recovery took, and the load of each role meanwhile. */
function incidentTable(incidents: readonly Incident[]): string {
  const head = [
    '',
    'hit',
    'back',
    'median',
    'p99',
    'last',
    'a server',
    'peak',
    'peak/avg',
    'a relay',
    'peak',
    'clients',
  ];
  const rows = incidents.map((incident) => {
    const times = recoveryTimes(incident)?.map(formatMs) ?? ['-', '-', '-'];
    const counts = incident.hit === 0 ? ['-', '-'] : [`${incident.hit}`, `${incident.recoveries.length}`];
    const { servers, relays } = incident;
    return [
      incident.name,
      ...counts,
      ...times,
      ...loadCells(servers),
      servers.peakToAverage.toFixed(1),
      ...loadCells(relays),
      `${relays.mostEntries}`,
    ];
  });
  return formatTable([head, ...rows]);
}

/** Names the limit that is reached first, with the reason, and how much of the others was used. */
function bottleneckText(incidents: readonly Incident[], clients: number): string {
  const [first, ...others] = usesOf(incidents);
  const { what, used, limit } = first!;
  const verdict =
    used > limit
      ? 'It is exceeded.'
      : `${Math.floor((clients * limit) / used).toLocaleString('en')} clients like these would reach it.`;
  return [
    `First bottleneck: ${what}: ${useText(first!)}. ${verdict}`,
    ...others.map((use) => `  then ${use.what}: ${useText(use)}`),
  ].join('\n');
}

function useText({ used, limit, incident }: Use): string {
  const share = ((100 * used) / limit).toFixed(1);
  return `${used.toLocaleString('en')} of ${limit.toLocaleString('en')}, ${share} %, when ${incident}`;
}

function loadCells({ average, peak }: RoleLoad): string[] {
  return [`${Math.round(average)}/s`, `${peak}/s`];
}
