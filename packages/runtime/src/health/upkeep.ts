/** The routes of a plan that decide whether packets reach the tunnel. */
export type TunnelRoute = 'service-prefix' | 'default';

/** A route that the plan leaves to the operator is absent. */
export type TunnelRoutes = Readonly<Partial<Record<TunnelRoute, boolean>>>;

/** The state of what a program set up on this host and depends on, as status and metrics show it. */
export interface UpkeepReport {
  /** Whether the routes into the tunnel are there. */
  readonly routes: TunnelRoutes;
  /** Whether the kernel forwards IPv6 packets; only a relay needs to know. */
  readonly isForwarding?: boolean;
  /** How often the program put back what another program had removed. */
  readonly restores: number;
}

const noRoutes: TunnelRoutes = { 'service-prefix': false, default: false };

/** Collects what the watches of a program see. One for each program: roles that start again count on. */
export class Upkeep {
  #routes: TunnelRoutes = noRoutes;
  #isForwarding: boolean | undefined;
  #isAnnounced = false;
  #restores = 0;

  get report(): UpkeepReport {
    return {
      routes: this.#routes,
      ...(this.#isForwarding !== undefined && { isForwarding: this.#isForwarding }),
      restores: this.#restores,
    };
  }

  /** Returns true if the route that announces a relay is there. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** Records the routes of the tunnel interface; none without an interface. */
  recordRoutes(routes: TunnelRoutes = noRoutes, isAnnounced = false): void {
    this.#routes = routes;
    this.#isAnnounced = isAnnounced;
  }

  recordAnnounced(isAnnounced: boolean): void {
    this.#isAnnounced = isAnnounced;
  }

  recordForwarding(isForwarding: boolean): void {
    this.#isForwarding = isForwarding;
  }

  recordRestore(): void {
    this.#restores += 1;
  }
}
