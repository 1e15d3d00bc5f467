import { randomFillSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { formatIpv4, type Ipv4Endpoint, type Ipv4Policy, type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { TurnConfiguration } from '@navalis/config';
import type { EngineEvent, TurnFailure } from '@navalis/engine';
import {
  readStunMessage,
  StunLayout,
  TurnClient,
  type TurnClientOutputs,
  type TurnOptions,
  type TurnUri,
} from '@navalis/turn';
import type { NameLookup } from '../host/names/resolve-servers.ts';
import { TurnServers } from '../roles/client/turn/turn-servers.ts';
import { DeadlineTimer } from '../scheduling/deadline-timer.ts';
import type { Time } from '../scheduling/time.ts';

/** The finding about one URI of the key `turn`. */
export interface TurnFinding {
  readonly uri: TurnUri;
  /** Undefined when there was no allocation. */
  readonly relayed: Ipv4Endpoint | undefined;
  readonly failure: TurnFailure | 'name-not-resolved' | undefined;
}

export interface TurnTrialParts {
  readonly turn: TurnConfiguration;
  /** Both addresses of the Teredo server. */
  readonly permitted: readonly Ipv4Value[];
  readonly policy: Ipv4Policy;
  readonly lookUpName: NameLookup;
  readonly time: Time;
}

/** Our choice: how long a server may take; over UDP a silent one is given up after 15.5 s. */
const trialLimitMs = 16_000;

/** Our choice: how long the message that ends an allocation has to leave. */
const farewellMs = 100;

/** Asks each TURN server for an allocation as a client does, and ends it. All at once. Never rejects. */
export function tryTurnServers(parts: TurnTrialParts): Promise<readonly TurnFinding[]> {
  return Promise.all(parts.turn.servers.map((uri) => tryServer(uri, parts)));
}

async function tryServer(uri: TurnUri, parts: TurnTrialParts): Promise<TurnFinding> {
  const { turn, lookUpName, time } = parts;
  const logger = { warn: () => undefined };
  const servers = new TurnServers({ ...turn, servers: [uri] }, { lookUpName, logger, time });
  try {
    await servers.resolve();
  } catch {
    return { uri, relayed: undefined, failure: 'name-not-resolved' };
  }
  const trial = new TurnTrial(await servers.open(), parts);
  const outcome = await trial.outcome();
  await new Promise<void>((resolve) => time.after(farewellMs, resolve));
  trial.close();
  servers.close();
  return { uri, ...outcome };
}

type TurnOutcome = Pick<TurnFinding, 'relayed' | 'failure'>;

/** One allocation over sockets of this thread. */
class TurnTrial implements TurnClientOutputs {
  readonly #client: TurnClient;
  readonly #time: Time;
  readonly #timer: DeadlineTimer;
  readonly #layout: StunLayout = new StunLayout();
  #socket: Socket | undefined;
  #end: (outcome: TurnOutcome) => void = () => undefined;

  constructor(options: TurnOptions, { permitted, policy, time }: TurnTrialParts) {
    this.#time = time;
    const random = { fill: (target: Uint8Array) => void randomFillSync(target) };
    this.#client = new TurnClient({ ...options, permitted, policy, random }, this);
    this.#timer = new DeadlineTimer(time, () => this.#act((now) => this.#client.handleDeadline(now)));
  }

  /** Resolves with what the servers give; the allocation has ended then. */
  async outcome(): Promise<TurnOutcome> {
    const ended = new Promise<TurnOutcome>((resolve) => {
      this.#end = resolve;
    });
    const cancelLimit = this.#time.after(trialLimitMs, () => this.#end({ relayed: undefined, failure: 'silent' }));
    this.#act((now) => this.#client.start(now));
    const outcome = await ended;
    cancelLimit();
    this.#timer.clear();
    this.#client.stop();
    return outcome;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  transmit(message: Uint8Array, { address, port }: Ipv4Endpoint): void {
    // A datagram that cannot be sent gets no answer.
    this.#socket?.send(message.slice(), port, formatIpv4(address), () => undefined);
  }

  renewPort(): boolean {
    this.close();
    const socket = createSocket('udp4');
    socket.on('message', (bytes, { address, port }) => this.#receive(bytes, { address: parseIpv4(address)!, port }));
    // As a closed port of the server.
    socket.on('error', () => undefined);
    this.#socket = socket;
    return true;
  }

  allocated(relayed: Ipv4Endpoint): void {
    this.#end({ relayed, failure: undefined });
  }

  lost(): void {}

  permissionKnown(): void {}

  report(event: EngineEvent): void {
    // The next address of the same name is tried at once.
    if (event.kind === 'turn-failed' && event.retryInMs > 0) this.#end({ relayed: undefined, failure: event.reason });
  }

  #receive(bytes: Uint8Array, { address, port }: Ipv4Endpoint): void {
    const { remote } = this.#client;
    if (address !== remote.address || port !== remote.port) return;
    if (readStunMessage(bytes, 0, bytes.length, this.#layout) !== undefined) return;
    this.#act((now) => void this.#client.handleResponse(bytes, this.#layout, now));
  }

  #act(act: (now: number) => void): void {
    act(this.#time.now());
    this.#timer.set(this.#client.nextDeadline());
  }
}
