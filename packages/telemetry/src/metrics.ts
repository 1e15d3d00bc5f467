import type { CounterSnapshot, EngineStatus } from '@navalis/engine';
import { disabledReasonNames, natDescriptions, offlineReasonNames } from './event-narrator.ts';
import { histogramText } from './histogram-text.ts';

/** The input of each scrape of the metrics. Fields that a role does not have are absent. */
export interface MetricsInput {
  /** When the process started, by the present wall clock; that of the start by default. */
  readonly startedAtMs?: number;
  readonly state: EngineStatus['state'] | 'waiting' | 'disabled' | 'degraded' | 'draining';
  /** Reasons for which the role is degraded. */
  readonly degraded: readonly string[];
  /** The resource that the role waits for before it can start. */
  readonly waitingFor?: string;
  /** Why a client is off-line, or tries again. */
  readonly offlineReason?: string;
  readonly disabledReason?: string;
  /** The function that a host-specific relay runs. */
  readonly function?: string;
  /** The class of a client's NAT. */
  readonly nat?: string;
  readonly nativeReachability?: { readonly state: string };
  /** A Teredo address, or the address of a relay. */
  readonly address?: string;
  readonly turn?: { readonly relayed?: unknown; readonly failure?: unknown };
  readonly portMapping?: unknown;
  /** The state of what the role set up on this host. */
  readonly upkeep?: {
    readonly routes: Readonly<Record<string, boolean | undefined>>;
    readonly isForwarding?: boolean;
    readonly restores: number;
  };
  /** The queues in the kernel, and the packets dropped there. */
  readonly queues?: {
    readonly receiveOctets: number;
    readonly sendOctets: number;
    readonly socketDrops: number;
    readonly interfaceDrops: number;
  };
  /** How long the turns of the data plane took; `atMost` counts those up to each of `turnBoundsMs`, then all. */
  readonly loop?: { readonly atMost: readonly number[]; readonly totalMs: number; readonly longestMs: number };
  /** Whether a relay with an announcement table is announced, and why not. */
  readonly announcement?: { readonly isAnnounced: boolean; readonly reason?: string };
  readonly peers: number;
  /** The peers that are reached, by the kind of their path. */
  readonly paths?: Readonly<Partial<Record<string, number>>>;
  readonly counters: CounterSnapshot<string>;
}

export interface Metrics {
  readonly contentType: string;
  /** The text that Prometheus reads. */
  render(input: MetricsInput): Promise<string>;
}

type CounterName = Exclude<keyof CounterSnapshot, 'drops'>;

const helpTexts: Readonly<Record<CounterName, string>> = {
  datagramsReceived: 'UDP payloads received, good or bad',
  octetsReceived: 'Octets of the UDP payloads received',
  datagramsSent: 'UDP payloads sent',
  octetsSent: 'Octets of the UDP payloads sent',
  packetsDelivered: 'IPv6 packets handed to the host',
  packetsTaken: 'IPv6 packets taken from the host',
  bubblesReceived: 'Bubbles received',
  bubblesSent: 'Bubbles sent',
  solicitationsReceived: 'Router solicitations received',
  solicitationsSent: 'Router solicitations sent',
  advertisementsReceived: 'Router advertisements received',
  advertisementsSent: 'Router advertisements sent',
  errorsSent: 'ICMPv6 errors sent',
  portsRefused: 'UDP ports that could not be opened',
  pathsUpgraded: 'Peers reached without the TURN server that relayed them',
  peersEvicted: 'Peers in use that left the full table of peers for others',
};

/** The labels that a role can have. Each has a value at every scrape; a list that is absent makes no metric. */
export interface MetricReasons {
  readonly degraded: readonly string[];
  readonly waiting: readonly string[];
  readonly states?: readonly string[];
  readonly drops?: readonly string[];
  /** Kinds of paths to peers. */
  readonly paths?: readonly string[];
  readonly functions?: readonly string[];
  /** Whether the role can be a client. */
  readonly isClient?: boolean;
  /** The routes into the tunnel, of a role with an interface and an address of its own. */
  readonly routes?: readonly string[];
  /** Why a role that can be announced to routers is not. */
  readonly unannounced?: readonly string[];
  /** Whether the role needs a kernel that forwards. */
  readonly needsForwarding?: boolean;
  /** Bounds of the classes of turns of the data plane. */
  readonly turnBoundsMs?: readonly number[];
}

/** Labels of what is not known yet. */
const unknown = 'unknown';

/** A gauge and how each scrape sets it. */
interface Family {
  set(input: MetricsInput): void;
}

/**
 * Prometheus metrics from counter snapshots. Labels are bounded by the lists of states, drop reasons and `reasons`: each of
 * the latter has a value at every scrape, so that an alert can rely on it.
 */
export async function createMetrics(role: string, version: string, reasons: MetricReasons): Promise<Metrics> {
  // Loaded on first use, so that it does not delay the start of a program.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  const registers = [registry];
  const totals = (Object.keys(helpTexts) as CounterName[]).map((name) => ({
    name,
    counter: new Counter({ name: `navalis_${snakeCase(name)}_total`, help: helpTexts[name], registers }),
  }));
  const drops = new Counter({
    name: 'navalis_drops_total',
    help: 'Datagrams and packets dropped, by reason',
    labelNames: ['reason'],
    registers,
  });
  const value = (name: string, help: string, read: (input: MetricsInput) => number): Family => {
    const gauge = new Gauge({ name, help, registers });
    return { set: (input) => gauge.set(read(input)) };
  };
  const total = (name: string, help: string, read: (input: MetricsInput) => number): Family => {
    const counter = new Counter({ name, help, registers });
    return { set: (input) => counter.inc(read(input)) };
  };
  /** Makes a gauge with the value 1 for the labels that hold, and 0 for all others of the list. */
  const choice = (
    [name, help, label]: readonly [name: string, help: string, label: string],
    labels: readonly string[],
    holding: (input: MetricsInput) => readonly (string | undefined)[],
  ): Family => {
    const gauge = new Gauge({ name, help, labelNames: [label], registers });
    return {
      set(input) {
        for (const each of labels) gauge.set({ [label]: each }, 0);
        for (const each of holding(input)) if (each !== undefined) gauge.set({ [label]: each }, 1);
      },
    };
  };
  const peerPaths = (kinds: readonly string[]): Family => {
    const help = 'Peers that are reached, by the kind of their path';
    const gauge = new Gauge({ name: 'navalis_peer_paths', help, labelNames: ['path'], registers });
    return {
      set(input) {
        for (const path of kinds) gauge.set({ path }, input.paths?.[path] ?? 0);
      },
    };
  };
  /** Makes a gauge for routes; one that a running role leaves to the operator has no value. */
  const routesPresent = (routes: readonly string[]): Family => {
    const help = '1 for each route into the tunnel that is there';
    const gauge = new Gauge({ name: 'navalis_route_present', help, labelNames: ['route'], registers });
    return {
      set({ upkeep }) {
        for (const route of routes) {
          if (upkeep === undefined || route in upkeep.routes)
            gauge.set({ route }, Number(upkeep?.routes[route] === true));
          else gauge.remove({ route });
        }
      },
    };
  };
  const ofClient = (): readonly Family[] => [
    choice(
      ['navalis_offline', '1 for the reason why the client is off-line, or tries again', 'reason'],
      offlineReasonNames,
      (input) => [input.offlineReason],
    ),
    choice(
      ['navalis_disabled', '1 for the reason why the client is not used', 'reason'],
      disabledReasonNames,
      (input) => [input.disabledReason],
    ),
    choice(
      ['navalis_nat', "1 for the class of the client's NAT", 'nat'],
      [...Object.keys(natDescriptions), unknown],
      ({ nat = unknown }) => [nat],
    ),
    choice(
      ['navalis_native_reachability', '1 for the result of the tests of native hosts', 'result'],
      ['working', 'failing', unknown],
      ({ nativeReachability }) => [nativeReachability?.state ?? unknown],
    ),
    value('navalis_turn_allocated', '1 while a TURN server relays for the client', ({ turn }) =>
      Number(turn?.relayed !== undefined && turn.failure === undefined),
    ),
    value('navalis_port_mapped', '1 while the router maps the service port', ({ portMapping }) =>
      Number(portMapping !== undefined),
    ),
  ];
  const ofInterface = (routes: readonly string[]): readonly Family[] => [
    value('navalis_address_present', '1 while the role has an IPv6 address', ({ address }) =>
      Number(address !== undefined),
    ),
    routesPresent(routes),
    total(
      'navalis_restores_total',
      'How often something that another program had removed was put back',
      ({ upkeep }) => upkeep?.restores ?? 0,
    ),
    total(
      'navalis_interface_drops_total',
      'Packets of the host dropped by the kernel at the full queue of the tunnel interface',
      ({ queues }) => queues?.interfaceDrops ?? 0,
    ),
  ];
  const families: readonly Family[] = [
    value('process_start_time_seconds', 'Start of the process since the Unix epoch, in seconds', ({ startedAtMs }) => {
      return (startedAtMs ?? performance.timeOrigin) / 1000;
    }),
    choice(['navalis_info', '1, labelled by version', 'version'], [], () => [version]),
    choice(['navalis_state', '1 for the present state', 'state'], reasons.states ?? [], ({ state }) => [state]),
    choice(
      ['navalis_degraded', '1 for each reason for which the role does not do its work', 'reason'],
      reasons.degraded,
      ({ degraded }) => degraded,
    ),
    choice(['navalis_waiting', '1 for what the role waits for', 'reason'], reasons.waiting, ({ waitingFor }) => [
      waitingFor,
    ]),
    value('navalis_peers', 'Entries in the peer table', (input) => input.peers),
    ...(reasons.paths === undefined ? [] : [peerPaths(reasons.paths)]),
    ...(reasons.functions === undefined
      ? []
      : [
          choice(
            ['navalis_function', '1 for the function that the host-specific relay runs', 'function'],
            reasons.functions,
            (input) => [input.function],
          ),
        ]),
    ...(reasons.isClient === true ? ofClient() : []),
    ...(reasons.routes === undefined ? [] : ofInterface(reasons.routes)),
    ...(reasons.needsForwarding === true
      ? [
          value('navalis_forwarding_enabled', '1 while the kernel forwards IPv6 packets', ({ upkeep }) =>
            Number(upkeep?.isForwarding === true),
          ),
        ]
      : []),
    ...(reasons.unannounced === undefined
      ? []
      : [
          choice(
            [
              'navalis_announcement',
              '1 for the state of the announcement to routers, or the reason why there is none',
              'state',
            ],
            ['off', 'announced', ...reasons.unannounced],
            ({ announcement }) => [announcementState(announcement)],
          ),
        ]),
    value(
      'navalis_socket_receive_queue_octets',
      'Octets that wait to be received in the kernel',
      ({ queues }) => queues?.receiveOctets ?? 0,
    ),
    value(
      'navalis_socket_send_queue_octets',
      'Octets that wait to be sent in the kernel',
      ({ queues }) => queues?.sendOctets ?? 0,
    ),
    total(
      'navalis_socket_drops_total',
      'Datagrams dropped by the kernel at full receive buffers',
      ({ queues }) => queues?.socketDrops ?? 0,
    ),
    value(
      'navalis_loop_longest_turn_seconds',
      'Longest turn of the data plane in the last 1 to 2 minutes',
      (input) => (input.loop?.longestMs ?? 0) / 1000,
    ),
  ];

  const turns = (boundsMs: readonly number[], { loop }: MetricsInput): string =>
    histogramText({
      name: 'navalis_loop_turn_seconds',
      help: 'Turns of the data plane: what arrives during one waits until it ends',
      role,
      bounds: boundsMs.map((ms) => ms / 1000),
      atMost: loop?.atMost ?? [],
      sum: (loop?.totalMs ?? 0) / 1000,
    });

  return {
    contentType: registry.contentType,
    async render(input) {
      // The engines hold the totals, so each scrape starts from zero.
      registry.resetMetrics();
      for (const { name, counter } of totals) counter.inc(input.counters[name]);
      for (const reason of reasons.drops ?? []) drops.inc({ reason }, 0);
      for (const [reason, count] of Object.entries(input.counters.drops)) drops.inc({ reason }, count);
      for (const family of families) family.set(input);
      const text = await registry.metrics();
      return reasons.turnBoundsMs === undefined ? text : text + turns(reasons.turnBoundsMs, input);
    },
  };
}

function announcementState(announcement: MetricsInput['announcement']): string | undefined {
  if (announcement === undefined) return 'off';
  return announcement.isAnnounced ? 'announced' : announcement.reason;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
