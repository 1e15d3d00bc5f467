import type { ControlContext } from '../shared/role-control.ts';

/** Warns once in a program's life when a Teredo address makes this host reachable and no firewall guards it (SEC-01). */
export class FirewallHint {
  readonly #interfaceName: string;
  readonly #context: ControlContext;
  #isGiven = false;

  constructor(interfaceName: string, context: ControlContext) {
    this.#interfaceName = interfaceName;
    this.#context = context;
  }

  /** Handles an address: the host has become reachable. */
  async give(): Promise<void> {
    if (this.#isGiven) return;
    this.#isGiven = true;
    const { logger, seeFirewall } = this.#context;
    switch (await seeFirewall()) {
      case 'guards':
        break;
      case 'open':
        logger.warn(
          { event: 'no-firewall' },
          `No IPv6 firewall detected on this host: its services are reachable from the Internet through interface ${this.#interfaceName}.`,
        );
        break;
      case 'unknown':
        logger.info({ event: 'firewall-unknown' }, 'Cannot determine whether a firewall guards this host.');
        break;
    }
  }
}
