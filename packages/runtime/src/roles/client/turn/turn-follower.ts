import type { ClientConfiguration, TurnConfiguration } from '@navalis/config';
import type { EngineEvent, TurnStatus } from '@navalis/engine';
import { type HostAddresses, Ipv4Network, TurnChoice } from '@navalis/life';
import { DeadlineTimer } from '../../../scheduling/deadline-timer.ts';
import type { ControlContext } from '../../shared/role-control.ts';

type FollowerContext = Pick<ControlContext, 'time' | 'logger' | 'checkDirectWay'>;

/** Follows whether a client is to use a TURN server, and asks for another run when that changes. */
export class TurnFollower {
  #configuration: ClientConfiguration;
  readonly #context: FollowerContext;
  readonly #choice: TurnChoice | undefined;
  readonly #changed: () => void;
  readonly #network: Ipv4Network = new Ipv4Network();
  readonly #timer: DeadlineTimer;
  /** The last failure of a server, until one gives an allocation or the network changes. */
  #failure: TurnStatus | undefined;
  #isClosed = false;

  constructor(configuration: ClientConfiguration, context: FollowerContext, changed: () => void) {
    this.#configuration = configuration;
    this.#context = context;
    this.#changed = changed;
    this.#choice = configuration.turn && new TurnChoice(configuration.turn.use);
    this.#timer = new DeadlineTimer(context.time, () => this.#due());
  }

  /** The servers for the next run; undefined: it uses a port of this host. */
  get servers(): TurnConfiguration | undefined {
    return this.#choice?.isRelayed === true ? this.#configuration.turn : undefined;
  }

  /** The failure for which the present run does without a TURN server. */
  get failure(): TurnStatus | undefined {
    return this.#choice?.isRelayed === false ? this.#failure : undefined;
  }

  /** Follows what the present run tells. */
  follow(event: EngineEvent): void {
    switch (event.kind) {
      case 'off-line':
        this.#change((choice, now) => choice.offline(event.reason, now));
        break;
      case 'address-assigned':
        this.#change((choice, now) => choice.online(event.nat === 'symmetric', now));
        break;
      case 'turn-allocated':
        this.#failure = undefined;
        this.#change((choice) => choice.turnSucceeded());
        break;
      case 'turn-failed': {
        const { server, transport, reason, retryInMs } = event;
        this.#failure = { server, transport, relayed: undefined, failure: reason };
        // Otherwise the next server of the list is asked at once.
        if (retryInMs > 0) this.failed();
      }
    }
  }

  /** No server gives an allocation, or none has a name that resolves. */
  failed(): void {
    this.#change((choice, now) => choice.turnFailed(now));
  }

  hostChanged(host: HostAddresses): void {
    if (!this.#network.hasChanged(host)) return;
    this.#failure = undefined;
    this.#change((choice) => choice.networkChanged());
  }

  /** Takes over a configuration with the same keys for TURN: the direct way is the one to its Teredo servers. */
  reconfigured(configuration: ClientConfiguration): void {
    this.#configuration = configuration;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.clear();
  }

  #due(): void {
    if (this.#choice?.isRelayed === true) void this.#check();
    else this.#change((choice, now) => choice.handleDeadline(now));
  }

  async #check(): Promise<void> {
    const isUsable = await this.#context.checkDirectWay(this.#configuration);
    if (!this.#isClosed) this.#change((choice, now) => choice.checked(isUsable, now));
  }

  #change(act: (choice: TurnChoice, now: number) => void): void {
    const choice = this.#choice;
    if (choice === undefined) return;
    const before = choice.isRelayed;
    const now = this.#context.time.now();
    act(choice, now);
    this.#timer.set(choice.nextDeadline());
    if (choice.isRelayed === before) return;
    this.#context.logger.info({ event: 'turn-use', isRelayed: choice.isRelayed }, sentenceOn(choice, now));
    this.#changed();
  }
}

function sentenceOn(choice: TurnChoice, now: number): string {
  if (choice.isRelayed) {
    return choice.hadAddress
      ? 'Behind this symmetric NAT some peers cannot reach this host directly: using a TURN server.'
      : 'No peer gets through to this host directly: using a TURN server.';
  }
  const pauseMs = choice.pauseMs(now);
  return pauseMs === undefined
    ? 'Trying without a TURN server: the network may let peers through.'
    : `Continuing without a TURN server for at least ${Math.round(pauseMs / 1000)} s.`;
}
