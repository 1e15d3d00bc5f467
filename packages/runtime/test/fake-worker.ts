import type { Ipv4Prefix } from '@navalis/address';
import {
  Counters,
  createPacketRun,
  type DatagramRun,
  type Engine,
  type EngineLife,
  type EngineStatus,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
} from '@navalis/engine';
import type { Poller } from '@navalis/netio';
import { FakeNetio, FakePoller } from '@navalis/netio/testing';
import type { ControlMessage, DataPlaneMessage, DataPlaneSettings, SocketSettings } from '../src/worker/messages.ts';
import type { DataPlaneBinding, EngineContext } from '../src/worker/run-data-plane.ts';

/** More turns than any test has steps: a loop that does not end fails instead. */
const mostTurns = 100;

/** A poller whose every wait does the next step of a test, and that tells the worker to stop when there is none left. */
class SteppingPoller extends FakePoller {
  override readonly wakeDescriptor: number = 77;
  readonly unwatched: unknown[] = [];
  readonly #worker: FakeWorker;
  #turns = 0;

  constructor(worker: FakeWorker) {
    super();
    this.#worker = worker;
  }

  override unwatch(device: Parameters<Poller['unwatch']>[0]): void {
    this.unwatched.push(device);
    super.unwatch(device as Parameters<FakePoller['unwatch']>[0]);
  }

  override wait(): number {
    this.#turns += 1;
    if (this.#turns > mostTurns) throw new Error('the loop does not end');
    const step = this.#worker.steps.shift();
    if (step === undefined) this.#worker.tell({ kind: 'stop' });
    else step();
    return super.wait(0);
  }
}

class SteppingNetio extends FakeNetio {
  readonly steppingPollers: SteppingPoller[] = [];
  isClosed = false;
  hasPriority = false;
  readonly #worker: FakeWorker;

  constructor(ownAddresses: readonly number[], worker: FakeWorker) {
    super(ownAddresses);
    this.#worker = worker;
  }

  override openPoller(): SteppingPoller {
    const poller = new SteppingPoller(this.#worker);
    this.steppingPollers.push(poller);
    this.pollers.push(poller);
    return poller;
  }

  override raiseOwnPriority(): void {
    this.hasPriority = true;
  }

  override close(): void {
    this.isClosed = true;
    super.close();
  }
}

/** A worker's side of the message port, and its devices in memory; everything happens during `run`. */
export class FakeWorker {
  readonly posted: DataPlaneMessage[] = [];
  readonly inbox: unknown[] = [];
  /** The steps at each wait of the loop. */
  steps: (() => void)[] = [];
  readonly netio: SteppingNetio;
  readonly openedWith: unknown[] = [];
  #receive: ((settings: unknown) => void) | undefined;

  constructor(ownAddresses: readonly number[]) {
    this.netio = new SteppingNetio(ownAddresses, this);
  }

  /** In place of `parentPort`. */
  readonly port = {
    once: (_: 'message', receive: (settings: unknown) => void): void => {
      this.#receive = receive;
    },
    postMessage: (message: DataPlaneMessage): void => void this.posted.push(structuredClone(message)),
  };

  get poller(): SteppingPoller {
    return this.netio.steppingPollers[0]!;
  }

  /** In place of `openLinuxNetio`. */
  open(options: unknown): FakeNetio {
    this.openedWith.push(options);
    return this.netio;
  }

  /** A message of the control plane, which wakes the worker. */
  tell(message: ControlMessage): void {
    this.inbox.push(message);
    this.poller.wake();
  }

  /** Gives the worker its settings; returns when its loop has ended. */
  run(settings: DataPlaneSettings<unknown>): void {
    this.#receive!(settings);
  }

  eventsPosted(): unknown[] {
    return this.posted.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
  }
}

/** Settings with these sockets. */
export function workerSettings(
  sockets: readonly SocketSettings[],
  more: Partial<DataPlaneSettings<unknown>> = {},
): DataPlaneSettings<unknown> {
  const none: readonly Ipv4Prefix[] = [];
  const settings = {
    devices: { sockets, interfaceName: 'teredo', offload: true },
    extraGlobalIpv4: none,
    // The other settings are absent, since the tests do not use them.
    extraGlobalIpv6: [],
    directedBroadcasts: [],
    engine: { kind: 'recording' },
    ...more,
  };
  return settings;
}

/** An engine that keeps what happens to it, and lets tests send. */
export class RecordingEngine implements Engine, EngineLife {
  readonly trace: string[] = [];
  readonly settings: unknown;
  readonly context: EngineContext;
  readonly counters: Counters = new Counters();
  received: (run: DatagramRun) => void = () => undefined;
  deadline: Milliseconds = Number.POSITIVE_INFINITY;
  due: () => void = () => undefined;

  constructor(settings: unknown, context: EngineContext) {
    this.settings = settings;
    this.context = context;
  }

  start(): void {
    this.trace.push('start');
    this.context.outputs.report({ kind: 'started' });
  }

  stop(): void {
    this.trace.push('stop');
    this.context.outputs.report({ kind: 'stopped' });
  }

  handleDatagrams(run: DatagramRun): void {
    this.trace.push(`datagrams ${run.portId}`);
    this.received(run);
  }

  handlePackets(): void {
    this.trace.push('packets');
  }

  handleDeadline(): void {
    this.trace.push('deadline');
    this.deadline = Number.POSITIVE_INFINITY;
    this.due();
  }

  nextDeadline(): Milliseconds {
    return this.deadline;
  }

  deadlineReason(): undefined {}

  status(): EngineStatus {
    return { role: 'relay', state: 'running', since: 0, peers: 3, counters: this.counters.snapshot() };
  }
}

interface RecordedUpdate {
  readonly engine: RecordingEngine;
  readonly update: unknown;
  readonly now: Milliseconds;
}

interface Recording {
  readonly binding: DataPlaneBinding<unknown, unknown, RecordingEngine>;
  readonly engines: readonly RecordingEngine[];
  readonly updates: readonly RecordedUpdate[];
}

/** A binding that makes recording engines, and keeps them and their updates. */
export function recordingBinding(): Recording {
  const engines: RecordingEngine[] = [];
  const updates: RecordedUpdate[] = [];
  const binding: DataPlaneBinding<unknown, unknown, RecordingEngine> = {
    createEngine(settings, context) {
      const engine = new RecordingEngine(settings, context);
      engines.push(engine);
      return engine;
    },
    update: (engine, update, now) => void updates.push({ engine, update, now }),
  };
  return { binding, engines, updates };
}

/** One packet with these octets. */
export function packetOf(...octets: readonly number[]): PacketRun {
  const run = createPacketRun(Uint8Array.from(octets));
  pointRunAt(run, 0, octets.length);
  return run;
}
