import { RestorePace } from '@navalis/life';
import { NavalisError } from '../navalis-error.ts';
import { SerialWork } from '../scheduling/serial-work.ts';
import { changeCommands, downCommands, type InterfacePlan, upCommands, withoutSources } from './interface-plans.ts';
import { InterfaceWatch } from './interface-watch.ts';
import { ruleCommands } from './routing-rules.ts';
import type { TunnelContext } from './tunnel-context.ts';

const noSubtrees =
  'This kernel has no routes for single sources (CONFIG_IPV6_SUBTREES): run no second client or relay beside this program.';

/**
 * Applies the last plan of a role to its tunnel interface, one change at a time and in order; superseded changes are skipped
 * (CL-U-13). Afterwards it restores the parts that other programs remove.
 */
export class TunnelInterface {
  readonly #name: string;
  readonly #context: TunnelContext;
  readonly #watch: InterfaceWatch;
  #wanted: InterfacePlan | undefined;
  #applied: InterfacePlan | undefined;
  #hasCarried = false;
  /** The kernel has no routes for single sources. */
  #hasNoSubtrees = false;
  readonly #work: SerialWork = new SerialWork();

  /** `gone` is called when the interface no longer exists; a role that then opens another one hands the same pace to it. */
  constructor(name: string, context: TunnelContext, gone: () => void, pace: RestorePace = new RestorePace()) {
    this.#name = name;
    this.#context = context;
    this.#watch = new InterfaceWatch(context, pace, gone);
  }

  /**
   * Resolves when the interface matches its plan. Rejects when the first set-up fails, with `interface-gone` when another
   * program removed the interface. A later failure degrades the role and is retried.
   */
  carry(plan: InterfacePlan): Promise<void> {
    return this.#want(plan);
  }

  /** Resolves when the interface is down and carries nothing. */
  clear(): Promise<void> {
    return this.#want(undefined);
  }

  /** Resolves when the last plan has been applied or has failed. */
  settled(): Promise<void> {
    return this.#work.settled();
  }

  /**
   * Stops changes and reports of failures: the interface is about to vanish with its descriptor. Its rule does not, and is removed.
   */
  async close(): Promise<void> {
    const closed = this.#work.close();
    this.#watch.pause();
    this.#context.upkeep.recordRoutes();
    await closed;
    const last = this.#applied;
    if (last?.rule === undefined) return;
    // It may be restoring the rule.
    await this.#watch.lastLook;
    const { source, table } = last.rule;
    await this.#followRule(last, undefined).catch((error: Error) => {
      const sentence = `The rule for packets from ${source} is left on this host. ${error.message}`;
      this.#context.logger.warn({ event: 'rule-left', source, table }, `${sentence} See "ip -6 rule".`);
    });
  }

  #want(wanted: InterfacePlan | undefined): Promise<void> {
    this.#wanted = wanted;
    return this.#work.run(() => this.#apply());
  }

  async #apply(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === this.#applied) return;
    const before = this.#applied;
    this.#applied = wanted;
    this.#watch.pause();
    if (this.#watch.isLooking) await this.#watch.lastLook;
    try {
      await this.#change(before, wanted);
      if (wanted !== undefined) this.#hasCarried = true;
    } catch (error) {
      if (this.#work.isClosed) return;
      if (!this.#hasCarried) throw await this.#causeOf(error);
      // The watch finds, logs and restores the missing parts.
    }
    if (wanted !== undefined && !this.#work.isClosed) this.#watch.resume(this.#feasible(wanted));
  }

  /** Returns why the first commands failed: the error itself, or that the interface was removed meanwhile. */
  async #causeOf(error: unknown): Promise<unknown> {
    const isThere = await this.#context.interfaces.read(this.#name).then(
      (state) => state !== undefined,
      () => true,
    );
    if (isThere) return error;
    return new NavalisError('interface-gone', `The interface ${this.#name} was removed while it was set up.`, error);
  }

  async #change(before: InterfacePlan | undefined, wanted: InterfacePlan | undefined): Promise<void> {
    const { runIp, logger, upkeep } = this.#context;
    if (wanted === undefined) {
      upkeep.recordRoutes();
      if (before !== undefined) await runIp(downCommands(this.#name));
      await this.#followRule(before, undefined);
      return;
    }
    try {
      const plan = this.#feasible(wanted);
      await runIp(before === undefined ? upCommands(plan) : changeCommands(this.#feasible(before), plan));
      upkeep.recordAnnounced(plan.routes.some(({ isAnnouncement }) => isAnnouncement === true));
    } catch (error) {
      if (this.#hasNoSubtrees || !/IPV6_SUBTREES/.test((error as Error).message)) throw error;
      this.#hasNoSubtrees = true;
      logger.warn(noSubtrees);
      await runIp([...downCommands(this.#name), ...upCommands(this.#feasible(wanted))]);
    }
    await this.#followRule(before, wanted);
  }

  /** Gives the host the rule of a plan, and removes those of the plan before it and of a program that was killed. */
  async #followRule(before: InterfacePlan | undefined, wanted: InterfacePlan | undefined): Promise<void> {
    const tables = [before, wanted].flatMap((plan) => plan?.rule?.table ?? []);
    if (tables.length === 0) return;
    const { interfaces, runIp } = this.#context;
    const commands = ruleCommands(await interfaces.readRules(), wanted?.rule, tables);
    if (commands.length > 0) await runIp(commands);
  }

  #feasible(plan: InterfacePlan): InterfacePlan {
    return this.#hasNoSubtrees ? withoutSources(plan) : plan;
  }
}
