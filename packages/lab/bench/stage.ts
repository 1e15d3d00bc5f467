import { run } from '../src/command.ts';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, serverAddress } from '../src/network/address-plan.ts';
import type { Namespace } from '../src/network/namespace.ts';
import type { Place } from '../src/network/place.ts';
import { startMiredoClient, startMiredoRelay, startMiredoServer } from '../src/programs/miredo.ts';
import { startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import type { Checkouts, Contestant } from './contestants.ts';
import { processorTime } from './process-usage.ts';
import type { Scenery, StageSetting } from './scene.ts';
import { sceneries } from './scenery.ts';

/** The laboratory with the programs of one contestant: all measurements are between these places. */
export interface Stage {
  readonly laboratory: Laboratory;
  readonly contestant: Contestant;
  readonly relay: Namespace;
  /** Two hosts with a client each. */
  readonly clients: readonly [Place, Place];
  /** Native IPv6 beyond the relay. */
  readonly web: Place;
  /** Native IPv6 with a relay of its own. */
  readonly dualStack: Place;
  /** A host without programs. */
  readonly newcomer: Namespace;
  /** A machine without any role. */
  readonly bystander: Namespace;
}

/** Builds a laboratory for each contestant, runs `work` on all, and removes them. */
export async function onStages(
  setting: StageSetting,
  contestants: readonly Contestant[],
  checkouts: Checkouts,
  work: (stages: readonly Stage[]) => Promise<void>,
): Promise<void> {
  const laboratories: Laboratory[] = [];
  try {
    const stages: Stage[] = [];
    for (const contestant of contestants) {
      const laboratory = new Laboratory(contestant === 'before' ? checkouts.before : checkouts.navalis);
      laboratories.push(laboratory);
      stages.push(await build(laboratory, setting, contestant));
    }
    await work(stages);
  } finally {
    await Promise.all(laboratories.map((laboratory) => laboratory.close()));
  }
}

async function build(
  laboratory: Laboratory,
  { scene, carriage }: StageSetting,
  contestant: Contestant,
): Promise<Stage> {
  const scenery = sceneries[scene].build(laboratory, carriage);
  const [one, two, newcomer] = scenery.hosts;
  const [address, otherAddress] = await perform(contestant, laboratory, scenery);
  return {
    laboratory,
    contestant,
    relay: scenery.relay,
    bystander: scenery.bystander,
    newcomer,
    clients: [
      { host: one, address },
      { host: two, address: otherAddress },
    ],
    web: { host: scenery.web, address: scenery.webAddress },
    dualStack: { host: scenery.dualStack, address: dualStackIpv6Address },
  };
}

/** Starts the contestant's programs; returns the IPv6 addresses of the two clients. */
async function perform(
  contestant: Contestant,
  laboratory: Laboratory,
  { server, relay, dualStack, hosts, addPlainIpv6 }: Scenery,
): Promise<readonly [string, string]> {
  const [one, two] = hosts;
  switch (contestant) {
    case 'link':
      return addPlainIpv6();
    case 'miredo':
      await startMiredoServer(laboratory, server);
      await startMiredoRelay(laboratory, relay, 'relay');
      await startMiredoRelay(laboratory, dualStack, 'host');
      return [(await startMiredoClient(laboratory, one)).address, (await startMiredoClient(laboratory, two)).address];
    case 'before':
    case 'navalis':
      await startServer(laboratory, server, serverAddress, ['--rate-limit', 'off']);
      await startRelay(laboratory, relay, ['--rate-limit', 'off']);
      await startHostRelay(laboratory, dualStack);
      return [(await startClient(laboratory, one)).address, (await startClient(laboratory, two)).address];
  }
}

/** Processor time in seconds that the programs of a machine have used so far, without those that measure. */
export function processorSeconds(machine: Namespace): number {
  const pids = run('ip', ['netns', 'pids', machine.name]).stdout.split(/\s+/).filter(Boolean);
  return pids.map(processorSecondsOf).reduce((sum, seconds) => sum + seconds, 0);
}

function processorSecondsOf(pid: string): number {
  try {
    const { name, seconds } = processorTime(Number(pid));
    return name.startsWith('iperf') || name === 'ping' ? 0 : seconds;
  } catch {
    return 0;
  }
}
