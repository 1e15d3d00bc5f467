import type { Laboratory } from '../laboratory.ts';
import { anycastRelays, dataCentre } from '../network/address-plan.ts';
import type { Internet } from '../network/internet.ts';
import type { Namespace } from '../network/namespace.ts';
import { launch, type Navalis } from '../programs/navalis.ts';
import { Bird } from './bird.ts';

/** The key `announcement-table` of the relays. */
const table = 2001;

/** How a scene is started. */
interface AnycastOptions {
  /** Flags of the relays. */
  readonly flags?: readonly string[];
  /** The interval of BFD, three of which may pass without a packet; a second, for machines that are busy, by default. */
  readonly bfdMilliseconds?: number;
  /** Whether BIRD starts beside the relays, too. */
  readonly hasBirds?: boolean;
}

/** How BIRD is started beside a relay. */
interface RelayBirdOptions {
  readonly bfdMilliseconds?: number;
  /** The address of its sessions, that of the host by default. */
  readonly address?: string;
  /** Other texts in place of texts of the example. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The interval of BFD for machines that are busy. */
const patientBfdMilliseconds = 1_000;

/** One relay of a scene, with the BIRD beside it. */
export class AnycastRelay {
  readonly host: Namespace;
  /** The address by which the router knows it. */
  readonly ipv6: string;
  bird: Bird | undefined;
  #relay: Navalis | undefined;
  readonly #laboratory: Laboratory;
  readonly #ipv4: string;
  readonly #flags: readonly string[];

  constructor(laboratory: Laboratory, host: Namespace, number: number, flags: readonly string[]) {
    this.#laboratory = laboratory;
    this.host = host;
    const { ipv4, ipv6 } = anycastRelays[number]!;
    this.#ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.#flags = flags;
  }

  get relay(): Navalis {
    return this.#relay!;
  }

  /** Starts the relay, also again. */
  start(): void {
    const flags = ['--announcement-table', String(table), ...this.#flags];
    this.#relay = launch(this.#laboratory, this.host, 'relay', { flags });
  }

  /** Starts BIRD, also again. */
  async startBird(options: RelayBirdOptions = {}): Promise<Bird> {
    const { bfdMilliseconds = patientBfdMilliseconds, address = this.ipv6, texts } = options;
    const definitions = {
      RELAY_ID: this.#ipv4,
      RELAY_ADDRESS: address,
      ROUTER_ADDRESS: dataCentre.ipv6Gateway!,
      ANNOUNCEMENT_TABLE: String(table),
      BFD_MILLISECONDS: String(bfdMilliseconds),
    };
    this.bird = await Bird.start(this.#laboratory, this.host, 'relay', { definitions, texts });
    return this.bird;
  }
}

/** Two relays behind one router, each with BIRD as the guide has it. The router spreads packets for the service prefix over both. */
export class AnycastScene {
  readonly relays: readonly AnycastRelay[];
  readonly #core: Namespace;
  #router: Bird | undefined;

  private constructor(core: Namespace, relays: readonly AnycastRelay[]) {
    this.#core = core;
    this.relays = relays;
  }

  /** Starts relays and BIRDs; the announcements come later. */
  static async start(
    laboratory: Laboratory,
    internet: Internet,
    { flags = [], bfdMilliseconds = patientBfdMilliseconds, hasBirds = true }: AnycastOptions = {},
  ): Promise<AnycastScene> {
    const hosts = anycastRelays.map((_, number) => internet.anycastRelayHost(number));
    const relays = hosts.map((host, number) => new AnycastRelay(laboratory, host, number, flags));
    for (const relay of relays) relay.start();
    const scene = new AnycastScene(internet.core, relays);
    await scene.startRouter(laboratory, bfdMilliseconds);
    if (hasBirds) await Promise.all(relays.map((relay) => relay.startBird({ bfdMilliseconds })));
    return scene;
  }

  get router(): Bird {
    return this.#router!;
  }

  async startRouter(laboratory: Laboratory, bfdMilliseconds: number): Promise<void> {
    const [one, other] = this.relays;
    const definitions = {
      ROUTER_ID: dataCentre.ipv4Gateway!,
      ROUTER_ADDRESS: dataCentre.ipv6Gateway!,
      RELAY_1: one!.ipv6,
      RELAY_2: other!.ipv6,
      BFD_MILLISECONDS: String(bfdMilliseconds),
    };
    this.#router = await Bird.start(laboratory, this.#core, 'router', { definitions });
  }

  /** Returns the relays to which the router sends packets for the service prefix at present. */
  nextHops(): readonly AnycastRelay[] {
    const routes = this.#core.ipJson('-6', 'route', 'show', '2001::/32') as readonly Route[];
    const gateways = routes.flatMap(({ gateway, nexthops = [] }) => [gateway, ...nexthops.map((each) => each.gateway)]);
    return this.relays.filter(({ ipv6 }) => gateways.includes(ipv6));
  }

  /** Returns first the relay that knows a client, as the only one so far, then the other. */
  async inUse(): Promise<readonly [AnycastRelay, AnycastRelay]> {
    const [one, other] = this.relays as readonly [AnycastRelay, AnycastRelay];
    return (await one.relay.status()).peers > 0 ? [one, other] : [other, one];
  }

  /** Waits until the router sends to these relays and no other; returns the milliseconds. */
  async routed(wanted: readonly AnycastRelay[], patienceMs: number): Promise<number> {
    const from = performance.now();
    await this.router.program.until(
      `${wanted.length} next hops`,
      () => {
        const present = this.nextHops();
        return (present.length === wanted.length && wanted.every((each) => present.includes(each))) || undefined;
      },
      patienceMs,
    );
    return performance.now() - from;
  }

  /** Cuts the cable of a relay's host: only BFD sees it. */
  cut({ host }: AnycastRelay): void {
    this.#core.ip(`link set ${host.label} down`);
  }

  mend({ host }: AnycastRelay): void {
    this.#core.ip(`link set ${host.label} up`);
  }
}

interface Route {
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway?: string }[];
}
