import type { Ipv6Value } from '@navalis/address';
import { clientDownPlan, clientUpPlan } from '../host/interface-plans.ts';
import type { IpCommand, IpRunner } from '../host/ip-command.ts';

interface WantedAddress {
  readonly address: Ipv6Value;
  readonly mtu: number;
}

/**
 * Brings a client's interface to what its engine last said, one change at a time and in order; what was overtaken
 * meanwhile is skipped (CL-U-13).
 */
export class ClientInterface {
  readonly #interfaceName: string;
  readonly #runIp: IpRunner;
  #wanted: WantedAddress | undefined;
  #applied: WantedAddress | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(interfaceName: string, runIp: IpRunner) {
    this.#interfaceName = interfaceName;
    this.#runIp = runIp;
  }

  /** Resolves when the interface carries the address; rejects when it cannot be made to. */
  carry(address: Ipv6Value, mtu: number): Promise<void> {
    return this.#want({ address, mtu });
  }

  /** Resolves when the interface is down and carries nothing. */
  clear(): Promise<void> {
    return this.#want(undefined);
  }

  /** Resolves when the interface is as the engine last said, or could not be made so. */
  settled(): Promise<void> {
    return this.#work.catch(() => undefined);
  }

  /** The interface is about to vanish with its descriptor: changes are no longer made, nor their failures told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
  }

  #want(wanted: WantedAddress | undefined): Promise<void> {
    this.#wanted = wanted;
    this.#work = this.#work.catch(() => undefined).then(() => this.#apply());
    return this.#work;
  }

  async #apply(): Promise<void> {
    const wanted = this.#wanted;
    if (this.#isClosed || wanted === this.#applied) return;
    const commands: IpCommand[] = [];
    if (this.#applied !== undefined) commands.push(...clientDownPlan(this.#interfaceName));
    if (wanted !== undefined) commands.push(...clientUpPlan(this.#interfaceName, wanted.address, wanted.mtu));
    this.#applied = wanted;
    try {
      await this.#runIp(commands);
    } catch (error) {
      if (!this.#isClosed) throw error;
    }
  }
}
