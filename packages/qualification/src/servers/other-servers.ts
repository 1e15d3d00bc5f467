import { type Ipv4Endpoint, ipv4EndpointEquals } from '@navalis/address';
import type { DatagramRun, DropReason, Milliseconds, RandomSource } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import type { TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import type { Solicitor } from '../solicitation/solicitor.ts';
import { PreferredServerProbe } from './preferred-server-probe.ts';
import type { ServerList } from './server-list.ts';
import { type Substitute, Substitutes } from './substitutes.ts';

/** A server that can take the place of the one in use, since it sees the same mapping. */
export interface Replacement {
  readonly server: TeredoServer;
  /** In the list of servers. */
  readonly index: number;
  readonly learned: Learned;
}

/** The result of an advertisement of a server that is not in use. */
export interface OtherAnswer {
  /** Undefined if it did its work. */
  readonly dropReason?: DropReason;
  /** A preferred server that is back. */
  readonly preferred?: Replacement;
}

/**
 * Asks servers that are not in use: preferred ones now and then whether they are back, and all of them while the one in use is
 * silent.
 */
export class OtherServers {
  readonly #servers: ServerList;
  readonly #solicitor: Solicitor;
  readonly #random: RandomSource;
  readonly #probe: PreferredServerProbe;
  readonly #substitutes: Substitutes = new Substitutes();

  constructor(
    servers: ServerList,
    solicitor: Solicitor,
    random: RandomSource,
    probeIntervalMs: Milliseconds | undefined,
  ) {
    this.#servers = servers;
    this.#solicitor = solicitor;
    this.#random = random;
    this.#probe = new PreferredServerProbe(random, probeIntervalMs);
  }

  /** Begins to ask the servers that come before the one in use. */
  probePreferred(now: Milliseconds): void {
    this.#probe.begin(this.#servers.preferred, now);
  }

  /** Asks all servers but the one in use what they see of the mapping. */
  askForSubstitutes(): void {
    this.#substitutes.begin(this.#servers.all, this.#servers.index);
    this.#substitutes.ask(this.#random, (server, nonce) => this.#solicitor.send(server.primary, nonce));
  }

  /** Returns the most preferred server that has answered and sees this mapping. */
  substituteSeeing(mapped: Ipv4Endpoint): Replacement | undefined {
    const substitute = this.#substitutes.seeing(mapped);
    if (substitute?.seen === undefined) return undefined;
    const { server, index, seen: learned } = substitute;
    return { server, index, learned };
  }

  endSubstitutes(): void {
    this.#substitutes.end();
  }

  end(): void {
    this.#probe.end();
    this.#substitutes.end();
  }

  nextDeadline(): Milliseconds {
    return this.#probe.nextDeadline();
  }

  handleDeadline(now: Milliseconds): void {
    const solicitation = this.#probe.handleDeadline(now);
    if (solicitation !== undefined) this.#solicitor.send(solicitation.server, solicitation.nonce);
  }

  /**
   * Handles an advertisement from the address of a server that is asked here; returns undefined for one from elsewhere.
   * `inUse` is the mapping of the address in use, if there is one.
   */
  handleAdvertisement(
    run: DatagramRun,
    layout: DatagramLayout,
    inUse: Ipv4Endpoint | undefined,
    now: Milliseconds,
  ): OtherAnswer | undefined {
    const solicitor = this.#solicitor;
    const substitute = this.#substitutes.respondingAt(run.sourceAddress, (server) => solicitor.respondentOf(server));
    const { asked } = this.#probe;
    if (asked !== undefined && run.sourceAddress === solicitor.respondentOf(asked)) {
      const learned = this.#judge(run, layout, { server: asked, nonces: this.#probe.nonces });
      if (typeof learned !== 'string') return this.#concludeProbe(asked, learned, inUse, now);
      if (substitute === undefined || learned !== 'nonce-mismatch') return { dropReason: learned };
    }
    return substitute === undefined ? undefined : this.#handleSubstitute(substitute, run, layout);
  }

  #judge(
    run: DatagramRun,
    layout: DatagramLayout,
    { server, nonces }: Pick<Substitute, 'server' | 'nonces'>,
  ): Learned | DropReason {
    return this.#solicitor.judge(run, layout, { server, respondent: this.#solicitor.respondentOf(server), nonces });
  }

  /**
   * A preferred server is back. When it sees the mapping that the server in use sees, the NAT is not symmetric and the
   * mapping is good for its address too: the client changes over without a gap. Else the address in use stays.
   */
  #concludeProbe(
    server: TeredoServer,
    learned: Learned,
    inUse: Ipv4Endpoint | undefined,
    now: Milliseconds,
  ): OtherAnswer {
    if (inUse === undefined || !ipv4EndpointEquals(inUse, learned.mapped)) {
      this.#probe.recordUselessAnswer(now);
      return {};
    }
    return this.#probe.recordAnswer(now) ? { preferred: { server, index: this.#probe.index, learned } } : {};
  }

  #handleSubstitute(substitute: Substitute, run: DatagramRun, layout: DatagramLayout): OtherAnswer {
    const learned = this.#judge(run, layout, substitute);
    if (typeof learned === 'string') return { dropReason: learned };
    substitute.nonces.clear();
    substitute.seen = learned;
    return {};
  }
}
