import type { CounterSnapshot, EngineStatus } from '@navalis/engine';

/** The input of each scrape of the metrics. */
export interface MetricsInput {
  readonly state: EngineStatus['state'] | 'waiting' | 'disabled' | 'degraded';
  /** Reasons for which the role is degraded. */
  readonly degraded: readonly string[];
  /** The resource that the role waits for before it can start. */
  readonly waitingFor?: string;
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
};

/** The labels that a role can have. */
export interface MetricReasons {
  readonly degraded: readonly string[];
  readonly waiting: readonly string[];
  /** Kinds of paths to peers; none by default. */
  readonly paths?: readonly string[];
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
  const peers = new Gauge({ name: 'navalis_peers', help: 'Entries in the peer table', registers });
  const paths = new Gauge({
    name: 'navalis_peer_paths',
    help: 'Peers that are reached, by the kind of their path',
    labelNames: ['path'],
    registers,
  });
  const state = new Gauge({ name: 'navalis_state', help: '1 for the present state', labelNames: ['state'], registers });
  const degraded = new Gauge({
    name: 'navalis_degraded',
    help: '1 for each reason for which the role does not do its work',
    labelNames: ['reason'],
    registers,
  });
  const waiting = new Gauge({
    name: 'navalis_waiting',
    help: '1 for what the role waits for before it can start',
    labelNames: ['reason'],
    registers,
  });
  const info = new Gauge({ name: 'navalis_info', help: '1, labelled by version', labelNames: ['version'], registers });

  return {
    contentType: registry.contentType,
    render(input) {
      // The engines hold the totals, so each scrape starts from zero.
      registry.resetMetrics();
      info.set({ version }, 1);
      for (const { name, counter } of totals) counter.inc(input.counters[name]);
      for (const [reason, count] of Object.entries(input.counters.drops)) drops.inc({ reason }, count);
      peers.set(input.peers);
      for (const path of reasons.paths ?? []) paths.set({ path }, input.paths?.[path] ?? 0);
      state.set({ state: input.state }, 1);
      for (const reason of reasons.degraded) degraded.set({ reason }, input.degraded.includes(reason) ? 1 : 0);
      for (const reason of reasons.waiting) waiting.set({ reason }, input.waitingFor === reason ? 1 : 0);
      return registry.metrics();
    },
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
