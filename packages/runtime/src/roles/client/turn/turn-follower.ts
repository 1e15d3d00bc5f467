import type { ClientConfiguration, TurnConfiguration } from '@navalis/config';
import type { EngineEvent } from '@navalis/engine';
import { type HostAddresses, Ipv4Network, TurnChoice } from '@navalis/life';
import { DeadlineTimer } from '../../../scheduling/deadline-timer.ts';
import type { ControlContext } from '../../shared/role-control.ts';

type FollowerContext = Pick<ControlContext, 'time' | 'logger' | 'checkDirectWay'>;

/** Follows whether a client is to use a TURN server, and asks for another run when that changes. */
export class TurnFollower {
  readonly #configuration: ClientConfiguration;
  readonly #context: FollowerContext;
  readonly #choice: TurnChoice | undefined;
  readonly #changed: () => void;
  readonly #network: Ipv4Network = new Ipv4Network();
  readonly #timer: DeadlineTimer;
  #isClosed = false;

  constructor(configuration: ClientConfiguration, context: FollowerContext, changed: () => void) {
    this.#configuration = configuration;
    this.#context = context;
    this.#changed = changed;
    this.#choice = configuration.turn && new TurnChoice(configuration.turn.use);
    this.#timer = new DeadlineTimer(context.time, () => void this.#check());
  }

  /** The servers for the next run; undefined: it uses a port of this host. */
  get servers(): TurnConfiguration | undefined {
    return this.#choice?.isRelayed === true ? this.#configuration.turn : undefined;
  }

  /** Follows what the present run tells. */
  follow(event: EngineEvent): void {
    this.#change((choice, now) => {
      if (event.kind === 'off-line') choice.offline(event.reason, now);
      else if (event.kind === 'address-assigned') choice.online(event.nat === 'symmetric', now);
    });
  }

  hostChanged(host: HostAddresses): void {
    if (this.#network.hasChanged(host)) this.#change((choice) => choice.networkChanged());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.clear();
  }

  async #check(): Promise<void> {
    const isUsable = await this.#context.checkDirectWay(this.#configuration);
    if (!this.#isClosed) this.#change((choice, now) => choice.checked(isUsable, now));
  }

  #change(act: (choice: TurnChoice, now: number) => void): void {
    const choice = this.#choice;
    if (choice === undefined) return;
    const before = choice.isRelayed;
    act(choice, this.#context.time.now());
    this.#timer.set(choice.nextDeadline());
    if (choice.isRelayed === before) return;
    const sentence = choice.isRelayed
      ? 'No peer gets through to this host directly: using a TURN server.'
      : 'Trying without a TURN server: the network may let peers through.';
    this.#context.logger.info({ event: 'turn-use', isRelayed: choice.isRelayed }, sentence);
    this.#changed();
  }
}
