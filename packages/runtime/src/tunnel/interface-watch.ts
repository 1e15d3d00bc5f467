import type { RestorePace } from '@navalis/life';
import type { DegradationReason } from '../health/degradation-reasons.ts';
import { raiseContested } from './contested-interface.ts';
import type { InterfacePlan } from './interface-plans.ts';
import type { InterfaceState } from './interface-state.ts';
import { hasAnnouncement, type MissingParts, missingParts, presentRoutes } from './missing-parts.ts';
import type { TunnelContext } from './tunnel-context.ts';

/** Interval of the comparisons of the fingerprint. */
const tickMs = 1_000;

/** Intervals after which the interface is read regardless of its fingerprint, with and without announcements. */
const announcedTicks = 10;
const unannouncedTicks = 2;

/** Rounds of a restore: the link, its addresses, and the routes that do not come with them. */
const maximumPasses = 4;

/** Failed reads before the role is degraded: a machine may briefly lack processes. */
const toleratedReads = 2;

/**
 * Keeps a tunnel interface as its plan says. It reads the interface when the kernel announces a
 * change, when its fingerprint changes, and periodically. It restores missing parts and logs that. The role is degraded when
 * a restore fails, or when another program removes a part repeatedly.
 */
export class InterfaceWatch {
  readonly #context: TunnelContext;
  readonly #gone: () => void;
  readonly #pace: RestorePace;
  #plan: InterfacePlan | undefined;
  #look: Promise<void> = Promise.resolve();
  #isLooking = false;
  /** Undefined while it is paused. */
  #endTicks: (() => void) | undefined;
  #unlisten: () => void = () => undefined;
  #isDue = false;
  #ticks = 0;
  #sign = '';
  #failedReads = 0;

  constructor(context: TunnelContext, pace: RestorePace, gone: () => void) {
    this.#context = context;
    this.#pace = pace;
    this.#gone = gone;
  }

  /** Starts with the plan of the interface. */
  resume(plan: InterfacePlan): void {
    this.#plan = plan;
    this.#isDue = true;
    if (this.#endTicks !== undefined) return;
    this.#endTicks = this.#context.time.every(tickMs, () => this.#tick(plan.name));
    this.#unlisten = this.#context.announcements.listen(() => {
      this.#isDue = true;
    });
  }

  /** Returns true while it reads or restores. */
  get isLooking(): boolean {
    return this.#isLooking;
  }

  /** Resolves when the current check has ended; never rejects. */
  get lastLook(): Promise<void> {
    return this.#look;
  }

  /** Starts no check until `resume`. A repeated removal outlives one interface: the code that opens the next one reports its end. */
  pause(): void {
    this.#end();
    if (this.#pace.isContested(this.#context.time.now())) return;
    for (const reason of ownReasons) this.#context.degradations.drop(reason);
  }

  #end(): void {
    this.#plan = undefined;
    this.#endTicks?.();
    this.#endTicks = undefined;
    this.#unlisten();
  }

  #tick(name: string): void {
    if (this.#isLooking) return;
    const { interfaces, announcements } = this.#context;
    const sign = interfaces.sign(name);
    this.#ticks += 1;
    const isTime = this.#ticks >= (announcements.isListening ? announcedTicks : unannouncedTicks);
    if (!this.#isDue && !isTime && sign === this.#sign && !this.#isDegraded) return;
    this.#sign = sign;
    this.#isDue = false;
    this.#ticks = 0;
    this.#isLooking = true;
    this.#look = this.#keep().finally(() => {
      this.#isLooking = false;
    });
  }

  get #isDegraded(): boolean {
    return this.#context.degradations.active.some(({ reason }) => ownReasons.includes(reason));
  }

  /** Never rejects. */
  async #keep(): Promise<void> {
    let found: MissingParts | undefined;
    for (let pass = 0; pass < maximumPasses; pass++) {
      const plan = this.#plan;
      if (plan === undefined) return;
      const state = await this.#read(plan);
      // The plan changed during the read.
      if (plan !== this.#plan || state === 'unreadable') return;
      if (state === 'gone') {
        this.#context.upkeep.recordRoutes();
        this.#end();
        this.#gone();
        return;
      }
      this.#context.upkeep.recordRoutes(presentRoutes(plan, state), hasAnnouncement(plan, state));
      const missing = missingParts(plan, state);
      if (missing.what.length === 0) {
        this.#whole(plan, found?.what);
        return;
      }
      found ??= missing;
      if (pass === 0 && !this.#pace.mayRestore(this.#context.time.now())) {
        if (this.#pace.isContested(this.#context.time.now()))
          raiseContested(this.#context.degradations, plan.name, found.what.join(', '), reasonOf(found));
        return;
      }
      const failure = await this.#restore(plan, state, missing);
      if (plan !== this.#plan) return;
      if (failure !== undefined) {
        this.#failed(plan, found, failure);
        return;
      }
    }
    const plan = this.#plan;
    if (plan === undefined) return;
    this.#failed(plan, found, { sentence: 'The restored parts disappeared at once.', cure: lookCure(plan.name) });
  }

  async #read({ name, rule, routes, withdrawn }: InterfacePlan): Promise<InterfaceState | 'gone' | 'unreadable'> {
    try {
      const hasTables = [...routes, rule, withdrawn].some((part) => part?.table !== undefined);
      const state = await this.#context.interfaces.read(name, hasTables);
      this.#failedReads = 0;
      return state ?? 'gone';
    } catch (error) {
      this.#failedReads += 1;
      this.#isDue = true;
      if (this.#plan !== undefined && this.#failedReads >= toleratedReads) this.#unreadable(name, error as Error);
      return 'unreadable';
    }
  }

  /** Restores the missing parts, and returns the failure; undefined without one. */
  async #restore({ name }: InterfacePlan, state: InterfaceState, missing: MissingParts): Promise<Failure | undefined> {
    const { interfaces, runIp } = this.#context;
    if (missing.needsIpv6) {
      const failure = enableIpv6(name, state, interfaces.enableIpv6);
      if (failure !== undefined) return failure;
    }
    try {
      await runIp(missing.commands);
      return undefined;
    } catch (error) {
      return { sentence: (error as Error).message, cure: lookCure(name) };
    }
  }

  /** Records that the interface matches its plan; `found` lists the parts that were missing. */
  #whole({ name }: InterfacePlan, found: readonly string[] | undefined): void {
    const now = this.#context.time.now();
    if (found !== undefined) {
      this.#pace.restored(found.join(), now);
      this.#context.upkeep.recordRestore();
      const what = found.join(', ');
      this.#context.logger.warn(
        { event: 'interface-restored', interface: name, what },
        `Interface ${name} was changed by another program (${what}) and is restored. If this happens again, have that program leave it alone.`,
      );
    }
    if (!this.#pace.isStable(now)) return;
    for (const reason of ownReasons) this.#context.degradations.clear(reason);
  }

  #failed({ name }: InterfacePlan, found: MissingParts | undefined, { sentence, cure }: Failure): void {
    this.#pace.failed(this.#context.time.now());
    const what = found?.what.join(', ') ?? '';
    this.#context.degradations.raise(reasonOf(found), {
      sentence: `Interface ${name} is misconfigured (${what}) and cannot be restored. ${sentence}`,
      evidence: what,
      cure,
    });
  }

  #unreadable(name: string, { message }: Error): void {
    this.#context.degradations.raise('interface', {
      sentence: `The state of interface ${name} is unknown. ${message}`,
      evidence: message,
      cure: 'Install the Debian package iproute2, or free processes and memory.',
    });
  }
}

/** The reasons that this watch raises and clears. */
const ownReasons: readonly DegradationReason[] = ['interface', 'announcement'];

function reasonOf(found: MissingParts | undefined): DegradationReason {
  return found?.isAnnouncementAlone === true ? 'announcement' : 'interface';
}

/** The reason of a failed restore, and the cure for the operator. */
interface Failure {
  readonly sentence: string;
  readonly cure: string;
}

function lookCure(name: string): string {
  return `See "ip address show dev ${name}" and "ip -6 route show dev ${name}". The program tries again every 3 s.`;
}

/** Restores the kernel's switch, unless the operator disabled IPv6 on the whole host. */
function enableIpv6(name: string, state: InterfaceState, write: (name: string) => void): Failure | undefined {
  const key = (which: string) => `net.ipv6.conf.${which}.disable_ipv6`;
  if (state.isIpv6DisabledEverywhere) {
    const sentence = `${key('all')} switches IPv6 off for every interface of this host.`;
    return { sentence, cure: `Run "sysctl -w ${key('all')}=0".` };
  }
  try {
    write(name);
    return undefined;
  } catch (error) {
    const sentence = `This program cannot write ${key(name)} (${(error as NodeJS.ErrnoException).code}).`;
    return { sentence, cure: `Run "sysctl -w ${key(name)}=0".` };
  }
}
