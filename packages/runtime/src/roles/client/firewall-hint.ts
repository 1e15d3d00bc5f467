import type { ControlContext } from '../shared/role-control.ts';

/** Warns once in a program's life when its Teredo address makes this host reachable and nothing guards it (SEC-01). */
export class FirewallHint {
  readonly #interfaceName: string;
  readonly #context: ControlContext;
  #isGiven = false;

  constructor(interfaceName: string, context: ControlContext) {
    this.#interfaceName = interfaceName;
    this.#context = context;
  }

  /** The host has become reachable. */
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
          `No firewall for incoming IPv6 is to be seen on this host: through interface ${this.#interfaceName} its services are open to the Internet.`,
        );
        break;
      case 'unknown':
        logger.info({ event: 'firewall-unknown' }, 'Whether a firewall guards this host cannot be seen.');
        break;
    }
  }
}
