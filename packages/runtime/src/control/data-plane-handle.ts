import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import { type EngineEvent, NavalisError } from '@navalis/engine';
import type { ControlMessage, DataPlaneMessage, DataPlaneSettings, DataPlaneStatus } from '../data-plane/messages.ts';

/** How long a worker may take to end before it is given up. */
const stopLimitMs = 2_000;

/** What `wakeSignal` of netio is; netio itself would load the foreign function interface into this thread. */
const wakeOctets: Uint8Array = new Uint8Array(new BigUint64Array([1n]).buffer);

export interface DataPlaneObserver {
  /** Something the engine reports. */
  event(event: EngineEvent): void;
  /** The worker ended although nobody asked it to. */
  failed(error: NavalisError): void;
}

/** The control plane's side of one data-plane worker. Status requests are bounded by who asks the status server. */
export class DataPlaneHandle {
  readonly #worker: Worker;
  readonly #observer: DataPlaneObserver;
  readonly #ended: Promise<void>;
  readonly #statusWaiters = new Map<number, (status: DataPlaneStatus | undefined) => void>();
  #nextStatusId = 0;
  #wakeDescriptor = -1;
  #isOver = false;
  #ready: ((outcome: readonly Ipv4Endpoint[] | NavalisError) => void) | undefined;

  /**
   * Starts a worker and waits until its devices are open and its engine has started.
   * @throws NavalisError with the worker's sentence when it cannot start.
   */
  static async start(
    entry: URL,
    settings: DataPlaneSettings<unknown>,
    observer: DataPlaneObserver,
  ): Promise<{ readonly handle: DataPlaneHandle; readonly bound: readonly Ipv4Endpoint[] }> {
    const handle = new DataPlaneHandle(new Worker(entry, { workerData: settings }), observer);
    const outcome = await new Promise<readonly Ipv4Endpoint[] | NavalisError>((resolve) => {
      handle.#ready = resolve;
    });
    if (outcome instanceof NavalisError) throw outcome;
    return { handle, bound: outcome };
  }

  private constructor(worker: Worker, observer: DataPlaneObserver) {
    this.#worker = worker;
    this.#observer = observer;
    worker.on('message', (message: DataPlaneMessage) => this.#receive(message));
    worker.on('error', (error) => this.#fail(crashed(error)));
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#fail(new NavalisError('internal', 'The data plane ended unexpectedly.'));
        resolve();
      });
    });
  }

  /** Undefined when the worker ended meanwhile. */
  status(): Promise<DataPlaneStatus | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    const id = this.#nextStatusId++;
    return new Promise((resolve) => {
      this.#statusWaiters.set(id, resolve);
      this.#send({ kind: 'status', id });
    });
  }

  replaceDirectedBroadcasts(addresses: readonly Ipv4Value[]): void {
    this.#send({ kind: 'directed-broadcasts', addresses });
  }

  /** Gives the role's engine an update of its own kind. */
  update(update: unknown): void {
    this.#send({ kind: 'update', update });
  }

  /** Ends the worker; its devices are closed afterwards. */
  async stop(): Promise<void> {
    if (!this.#isOver) {
      this.#send({ kind: 'stop' });
      this.#over();
    }
    const limit = setTimeout(() => void this.#worker.terminate(), stopLimitMs);
    await this.#ended;
    clearTimeout(limit);
  }

  #send(message: ControlMessage): void {
    if (this.#isOver) return;
    this.#worker.postMessage(message);
    if (this.#wakeDescriptor >= 0) wake(this.#wakeDescriptor);
  }

  #receive(message: DataPlaneMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#wakeDescriptor = message.wakeDescriptor;
        this.#ready?.(message.bound);
        this.#ready = undefined;
        break;
      case 'event':
        this.#observer.event(message.event);
        break;
      case 'status':
        this.#statusWaiters.get(message.id)?.(message.status);
        this.#statusWaiters.delete(message.id);
        break;
      case 'failed':
        this.#fail(new NavalisError(message.code, message.sentence));
        break;
    }
  }

  #fail(error: NavalisError): void {
    if (this.#isOver) return;
    this.#over();
    if (this.#ready === undefined) this.#observer.failed(error);
    else this.#ready(error);
  }

  #over(): void {
    this.#isOver = true;
    for (const resolve of this.#statusWaiters.values()) resolve(undefined);
    this.#statusWaiters.clear();
  }
}

function wake(descriptor: number): void {
  try {
    writeSync(descriptor, wakeOctets);
  } catch (error) {
    // A worker that has just failed has closed it; its failure is on the way.
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  }
}

function crashed(error: unknown): NavalisError {
  const reason = error instanceof Error ? error.message : String(error);
  return new NavalisError('internal', `The data plane crashed: ${reason}`, error);
}
