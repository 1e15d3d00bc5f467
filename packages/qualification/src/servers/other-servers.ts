import { ipv4EndpointEquals } from '@navalis/address';
import type { DatagramRun, DropReason, Milliseconds, RandomSource } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import type { QualificationOptions, TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import type { Solicitor } from '../solicitation/solicitor.ts';
import type { Assignment } from '../state.ts';
import { PreferredServerProbe } from './preferred-server-probe.ts';
import type { ServerList } from './server-list.ts';
import { type Substitute, Substitutes } from './substitutes.ts';

/** A server that can take the place of the one in use, since the mapping that it sees is good for an address. */
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
  readonly #policy: QualificationOptions['policy'];

  constructor(
    servers: ServerList,
    solicitor: Solicitor,
    random: RandomSource,
    { policy, probeIntervalMs }: Pick<QualificationOptions, 'policy' | 'probeIntervalMs'>,
  ) {
    this.#servers = servers;
    this.#solicitor = solicitor;
    this.#random = random;
    this.#policy = policy;
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

  /** Returns the most preferred server that has answered and can take the place of the one of this assignment. */
  substituteFor(inUse: Assignment): Replacement | undefined {
    const substitute = this.#substitutes.find((learned) => this.#isGood(learned, inUse));
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
   * `inUse` is the address in use, if there is one.
   */
  handleAdvertisement(
    run: DatagramRun,
    layout: DatagramLayout,
    inUse: Assignment | undefined,
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
   * Returns true if the mapping that a server sees is good for an address from it. Seen by the server in use, too, it is the one
   * mapping of the NAT; a symmetric NAT has one for each server.
   */
  #isGood({ mapped }: Learned, inUse: Assignment): boolean {
    if (inUse.nat === 'symmetric') return this.#policy.isGlobalUnicast(mapped.address);
    return ipv4EndpointEquals(inUse.mapped, mapped);
  }

  /** A preferred server is back: the client changes over without a gap if it can. Else the address in use stays. */
  #concludeProbe(
    server: TeredoServer,
    learned: Learned,
    inUse: Assignment | undefined,
    now: Milliseconds,
  ): OtherAnswer {
    if (inUse === undefined || !this.#isGood(learned, inUse)) {
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
