import type { RestorePace } from '@navalis/life';
import { raiseContested } from './contested-interface.ts';
import type { InterfacePlan } from './interface-plans.ts';
import type { InterfaceState } from './interface-state.ts';
import { type MissingParts, missingParts } from './missing-parts.ts';
import type { TunnelContext } from './tunnel-context.ts';

/** How often the cheap sign of the interface is looked at. */
const tickMs = 1_000;

/** Ticks after which the interface is read whatever its sign, while changes are announced and while they are not. */
const announcedTicks = 10;
const unannouncedTicks = 2;

/** A link that comes up, its addresses, and the routes that do not come with them. */
const maximumPasses = 4;

/** Reads that fail before they are a fault: a machine may be short of processes for a moment. */
const toleratedReads = 2;

/**
 * Keeps a tunnel interface as its plan says. It reads the interface when the kernel announces a
 * change, when its sign changed, and by the clock; restores what is missing and says so; and calls the role degraded when
 * that fails or when something takes it away again and again.
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

  /** Starts, with what the interface must be. */
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

  /** Resolves when it has taken its hands off the interface; never rejects. */
  get lastLook(): Promise<void> {
    return this.#look;
  }

  /** Starts no check until `resume`. A repeated removal outlives one interface: the code that opens the next one reports its end. */
  pause(): void {
    this.#end();
    if (!this.#pace.isContested(this.#context.time.now())) this.#context.degradations.drop('interface');
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
    return this.#context.degradations.active.some(({ reason }) => reason === 'interface');
  }

  /** Never rejects. */
  async #keep(): Promise<void> {
    let found: readonly string[] | undefined;
    for (let pass = 0; pass < maximumPasses; pass++) {
      const plan = this.#plan;
      if (plan === undefined) return;
      const state = await this.#read(plan.name);
      // Overtaken while it was read.
      if (plan !== this.#plan || state === 'unreadable') return;
      if (state === 'gone') {
        this.#end();
        this.#gone();
        return;
      }
      const missing = missingParts(plan, state);
      if (missing.what.length === 0) {
        this.#whole(plan, found);
        return;
      }
      found ??= missing.what;
      if (pass === 0 && !this.#pace.mayRestore(this.#context.time.now())) {
        if (this.#pace.isContested(this.#context.time.now()))
          raiseContested(this.#context.degradations, plan.name, found.join(', '));
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
    this.#failed(plan, found ?? [], { sentence: 'The restored parts disappeared at once.', cure: lookCure(plan.name) });
  }

  async #read(name: string): Promise<InterfaceState | 'gone' | 'unreadable'> {
    try {
      const state = await this.#context.interfaces.read(name);
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

  /** The interface is as it must be; `found` is what was missing before. */
  #whole({ name }: InterfacePlan, found: readonly string[] | undefined): void {
    const now = this.#context.time.now();
    if (found !== undefined) {
      this.#pace.restored(found.join(), now);
      const what = found.join(', ');
      this.#context.logger.warn(
        { event: 'interface-restored', interface: name, what },
        `Interface ${name} was changed by another program (${what}) and is restored. If this happens again, have that program leave it alone.`,
      );
    }
    if (this.#pace.isStable(now)) this.#context.degradations.clear('interface');
  }

  #failed({ name }: InterfacePlan, found: readonly string[], { sentence, cure }: Failure): void {
    this.#pace.failed(this.#context.time.now());
    const what = found.join(', ');
    this.#context.degradations.raise('interface', {
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

/** Why something could not be restored, and what the operator does about it. */
interface Failure {
  readonly sentence: string;
  readonly cure: string;
}

function lookCure(name: string): string {
  return `See "ip address show dev ${name}" and "ip -6 route show dev ${name}". The program tries again every 3 s.`;
}

/** Puts the kernel's switch back, unless the operator wants no IPv6 on this host at all. */
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
