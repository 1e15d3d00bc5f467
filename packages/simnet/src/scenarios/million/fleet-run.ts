import type { Milliseconds } from '@navalis/engine';
import { percentile } from '../../report.ts';
import { type Flow, startFlows } from './flows.ts';
import { LoadMeter, type RoleLoad } from './load-meter.ts';
import { type FleetSize, Population } from './population.ts';

/** The effects of an incident. */
export interface Incident {
  readonly name: string;
  /** Clients that it hit, or flows of packets. */
  readonly hit: number;
  /** How long it took each until it worked again, in order; those that never did are missing. */
  readonly recoveries: readonly Milliseconds[];
  /** The load from its begin to that of the next one. */
  readonly servers: RoleLoad;
  readonly relays: RoleLoad;
}

/** Those that are watched in an incident: how many it hit, and their times, both at its end. */
interface Watch {
  readonly hit: () => number;
  readonly recoveries: () => Milliseconds[];
}

const nobody: Watch = { hit: () => 0, recoveries: () => [] };

const startBatchMs = 10;
/** One NAT of so many reboots, and as many others get another address. */
const natShare = 20;

/** The servers that die alone, and together. */
const oneServer = [0] as const;
const threeServers = [1, 2, 3] as const;

/** Lets a fleet and its clients go through a start-up storm, changes of mappings, and failures of relays and servers, one after the other. */
export class FleetRun {
  readonly population: Population;
  readonly incidents: Incident[] = [];
  readonly #size: FleetSize;
  readonly #seed: number;
  readonly #meter: LoadMeter;
  readonly #report: (incident: Incident) => void;
  #flows: readonly Flow[] = [];

  /** `report` gets each incident when it is over. */
  constructor(size: FleetSize, seed: number, report: (incident: Incident) => void = () => {}) {
    this.#size = size;
    this.#seed = seed;
    this.#report = report;
    this.population = new Population(size, seed);
    this.#meter = new LoadMeter(this.population);
  }

  /** Returns the share of all requests between clients, and between clients and native hosts, that was answered. */
  get answeredShare(): number {
    const sum = (of: (flow: Flow) => number): number => this.#flows.reduce((total, flow) => total + of(flow), 0);
    return sum((flow) => flow.answered) / sum((flow) => flow.sent);
  }

  start(): void {
    this.#measure('all start', this.#size.startMs + 5000, () => this.#startAll());
    this.#flows = startFlows(this.population, this.#size, this.#seed);
    this.#measure('contacts are made', 20_000, () => this.#watchFlows(() => true));
    this.#measure('nothing happens', 20_000, () => nobody);
  }

  mappings(): void {
    const { nats } = this.population;
    const ofRemainder = (remainder: number) => this.population.which((index) => index % natShare === remainder);
    this.#measure('5 % of the NATs reboot', 35_000, () =>
      this.#actOn(ofRemainder(3), (index) => nats[index]!.reboot()),
    );
    this.#measure('5 % of the NATs get another address', 35_000, () =>
      this.#actOn(ofRemainder(13), (index) => nats[index]!.changeAddress()),
    );
  }

  relays(): void {
    const relay = this.population.relays[0]!;
    const watch = (): Watch => this.#watchFlows((flow) => flow.relay === 0);
    this.#measure('a relay fails', 20_000, () => {
      relay.stop();
      return watch();
    });
    this.#measure('it returns', 10_000, () => {
      relay.restart();
      return watch();
    });
  }

  servers(): void {
    this.#killServers('a server dies', oneServer);
    this.#killServers('three servers die at once', threeServers);
  }

  #killServers(name: string, which: readonly number[]): void {
    const { population } = this;
    const servers = which.map((index) => population.servers[index]!);
    const primaries = servers.map(({ primary }) => primary);
    const hit = population.which((index) => primaries.includes(population.serverOf[index]!));
    this.#measure(name, 45_000, () => {
      for (const server of servers) server.stop();
      return this.#watchClients(hit, (index) => !primaries.includes(population.serverOf[index]!));
    });
    // Clients keep what works: nobody goes back to a server that is an equal of the one in use.
    this.#measure(servers.length === 1 ? 'it returns' : 'they return', 10_000, () => {
      for (const server of servers) server.restart();
      return nobody;
    });
  }

  #startAll(): Watch {
    const { population } = this;
    const { clients, startMs } = this.#size;
    let next = 0;
    const startSome = (): void => {
      const due = Math.ceil(((population.net.now + startBatchMs) / startMs) * clients);
      for (; next < Math.min(due, clients); next++) population.start(next);
      if (next < clients) population.net.clock.after(startBatchMs, startSome);
    };
    startSome();
    const { startedAt, assignedAt } = population;
    return {
      hit: () => clients,
      recoveries: () =>
        population.which((index) => assignedAt[index]! >= 0).map((index) => assignedAt[index]! - startedAt[index]!),
    };
  }

  #actOn(indices: readonly number[], act: (index: number) => void): Watch {
    for (const index of indices) act(index);
    const watch = this.#watchClients(indices, () => true);
    const { assignedAt, net } = this.population;
    const since = net.now;
    // One port of 64,512 is that of the mapping before: then the address is right, and nothing happens.
    const isSpared = (index: number): boolean => assignedAt[index]! < since && this.population.isMapped(index);
    return { ...watch, hit: () => indices.filter((index) => !isSpared(index)).length };
  }

  /** Watches clients until they get another address, which counts if the condition holds at the end. */
  #watchClients(indices: readonly number[], isBack: (index: number) => boolean): Watch {
    const { assignedAt, net } = this.population;
    const since = net.now;
    return {
      hit: () => indices.length,
      recoveries: () =>
        indices
          .filter((index) => assignedAt[index]! >= since && isBack(index))
          .map((index) => assignedAt[index]! - since),
    };
  }

  #watchFlows(isHit: (flow: Flow) => boolean): Watch {
    const since = this.population.net.now;
    const flows = this.#flows.filter(isHit);
    for (const flow of flows) flow.watch(since);
    return {
      hit: () => flows.length,
      recoveries: () => flows.filter(({ answeredAt }) => answeredAt >= 0).map(({ answeredAt }) => answeredAt - since),
    };
  }

  #measure(name: string, durationMs: Milliseconds, begin: () => Watch): void {
    const first = this.#meter.seconds;
    const { hit, recoveries } = begin();
    this.population.net.run(durationMs);
    const incident: Incident = {
      name,
      hit: hit(),
      recoveries: recoveries().sort((left, right) => left - right),
      servers: this.#meter.load('server', first),
      relays: this.#meter.load('relay', first),
    };
    this.incidents.push(incident);
    this.#report(incident);
  }
}

/** Returns the median, the 99th percentile and the last of the recoveries; undefined where there are none. */
export function recoveryTimes({ recoveries }: Incident): readonly [number, number, number] | undefined {
  if (recoveries.length === 0) return undefined;
  return [percentile(recoveries, 0.5), percentile(recoveries, 0.99), percentile(recoveries, 1)];
}
