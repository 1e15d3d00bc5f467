import { ipv4EndpointEquals } from '@navalis/address';
import type { DatagramRun, DropReason, Milliseconds, RandomSource } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import type { QualificationOptions, QualificationOutputs, TeredoServer } from '../options.ts';
import type { Learned } from '../solicitation/advertisement.ts';
import type { Solicitor } from '../solicitation/solicitor.ts';
import type { Assignment } from '../state.ts';
import { type Candidate, Candidates } from './candidates.ts';
import { PreferredServerProbe } from './preferred-server-probe.ts';
import type { ServerList } from './server-list.ts';

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
  /** The answer of the fastest server, which is the one in use now. */
  readonly fastest?: Learned;
}

interface OtherServersOptions extends Pick<QualificationOptions, 'policy'> {
  readonly probeIntervalMs: Milliseconds | undefined;
  readonly outputs: Pick<QualificationOutputs, 'report'>;
}

/**
 * Asks servers that are not in use: preferred ones now and then whether they are back, others while the one in use is silent, and
 * several at once to find the fastest.
 */
export class OtherServers {
  readonly #servers: ServerList;
  readonly #solicitor: Solicitor;
  readonly #random: RandomSource;
  readonly #probeIntervalMs: Milliseconds | undefined;
  /** Created when the first server is not in use. */
  #probe: PreferredServerProbe | undefined;
  /** Those that are asked while the server in use is silent. */
  #substitutes: Candidates | undefined;
  /** Asked at the same moment: the first to answer is the fastest. */
  #race: Candidates | undefined;
  #racedAt: Milliseconds = 0;
  readonly #policy: QualificationOptions['policy'];
  readonly #outputs: Pick<QualificationOutputs, 'report'>;

  constructor(
    servers: ServerList,
    solicitor: Solicitor,
    random: RandomSource,
    { policy, probeIntervalMs, outputs }: OtherServersOptions,
  ) {
    this.#servers = servers;
    this.#solicitor = solicitor;
    this.#random = random;
    this.#policy = policy;
    this.#outputs = outputs;
    this.#probeIntervalMs = probeIntervalMs;
  }

  /** Begins to ask the servers that come before the one in use. */
  probePreferred(now: Milliseconds): void {
    const { preferred } = this.#servers;
    if (preferred.length === 0) return;
    this.#probe ??= new PreferredServerProbe(this.#random, this.#probeIntervalMs);
    this.#probe.begin(preferred, now);
  }

  /** Asks servers other than the one in use what they see of the mapping, of equals one at a time. */
  askForSubstitutes(): void {
    this.#substitutes ??= new Candidates(this.#servers.substitutes);
    this.#ask(this.#substitutes);
  }

  /** Returns true if several servers are asked for the fastest, and none has answered yet. */
  get isRacing(): boolean {
    return this.#race?.answered === 0;
  }

  /** Begins to look for the fastest server, where that is the order. */
  beginRace(): void {
    const { racers } = this.#servers;
    this.#race = racers.length === 0 ? undefined : new Candidates(racers);
  }

  /** Asks the servers of the race; call it only while there is one. */
  askRacers(now: Milliseconds): void {
    this.#racedAt = now;
    this.#ask(this.#race!);
  }

  /** Returns the most preferred server that has answered and can take the place of the one of this assignment. */
  substituteFor(inUse: Assignment): Replacement | undefined {
    const substitute = this.#substitutes?.find((learned) => this.#isGood(learned, inUse));
    if (substitute?.seen === undefined) return undefined;
    const { server, seen: learned } = substitute;
    return { server, index: this.#servers.indexOf(server), learned };
  }

  /** The server in use answered, or is asked again. */
  endSubstitutes(): void {
    this.#substitutes = undefined;
    this.#race = undefined;
  }

  end(): void {
    this.#probe?.end();
    this.endSubstitutes();
  }

  nextDeadline(): Milliseconds {
    return this.#probe?.nextDeadline() ?? Number.POSITIVE_INFINITY;
  }

  handleDeadline(now: Milliseconds): void {
    const solicitation = this.#probe?.handleDeadline(now);
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
    const substitute = this.#substitutes?.respondingAt(run.sourceAddress, (server) => solicitor.respondentOf(server));
    const asked = this.#probe?.asked;
    if (asked !== undefined && run.sourceAddress === solicitor.respondentOf(asked)) {
      const probe = this.#probe!;
      const learned = this.#judge(run, layout, { server: asked, nonces: probe.nonces });
      if (typeof learned !== 'string') return this.#concludeProbe(probe, { server: asked, learned }, inUse, now);
      if (substitute === undefined || learned !== 'nonce-mismatch') return { dropReason: learned };
    }
    if (substitute !== undefined) return this.#handleSubstitute(substitute, run, layout);
    const racer = this.#race?.respondingAt(run.sourceAddress, (server) => solicitor.respondentOf(server));
    // Later advertisements of a server that has answered answer other solicitations.
    if (racer === undefined || racer.seen !== undefined) return undefined;
    const answer = this.#handleSubstitute(racer, run, layout);
    return racer.seen === undefined ? answer : this.#rankRacer(racer, racer.seen, now);
  }

  #ask(candidates: Candidates): void {
    candidates.ask(this.#random, (server, nonce) => this.#solicitor.send(server.primary, nonce));
  }

  #judge(
    run: DatagramRun,
    layout: DatagramLayout,
    { server, nonces }: Pick<Candidate, 'server' | 'nonces'>,
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
    probe: PreferredServerProbe,
    answer: Pick<Replacement, 'server' | 'learned'>,
    inUse: Assignment | undefined,
    now: Milliseconds,
  ): OtherAnswer {
    if (inUse === undefined || !this.#isGood(answer.learned, inUse)) {
      probe.recordUselessAnswer(now);
      return {};
    }
    const { index } = probe;
    return probe.recordAnswer(now) ? { preferred: { ...answer, index } } : {};
  }

  #handleSubstitute(candidate: Candidate, run: DatagramRun, layout: DatagramLayout): OtherAnswer {
    const learned = this.#judge(run, layout, candidate);
    if (typeof learned === 'string') return { dropReason: learned };
    candidate.nonces.clear();
    candidate.seen = learned;
    return {};
  }

  /** The first answer decides which server is in use; later ones put the others in the order in which they are tried after it. */
  #rankRacer({ server }: Candidate, fastest: Learned, now: Milliseconds): OtherAnswer {
    const race = this.#race!;
    const place = race.answered - 1;
    this.#servers.place(server, place);
    if (place > 0) return {};
    const roundTripMs = now - this.#racedAt;
    this.#outputs.report({ kind: 'fastest-server', server: server.primary, roundTripMs, asked: race.size });
    return { fastest };
  }
}
