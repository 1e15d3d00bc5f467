import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Ipv4Endpoint, Ipv4Prefix, Ipv4Value } from '@navalis/address';
import type { EngineEvent } from '@navalis/engine';
import type { PeerPage, PeerQuery } from '@navalis/traversal';
import { NavalisError } from '../navalis-error.ts';
import type { PeerWatcher, WatchRequest } from '../peers/peer-watch.ts';
import { Answers } from '../scheduling/answers.ts';
import type { Time } from '../scheduling/time.ts';
import type { ControlMessage, DataPlaneMessage, DataPlaneSettings, DataPlaneStatus } from './messages.ts';

/** The time-out of a worker's end. */
const stopLimitMs = 2_000;

/** The octets that `wakePoller` of netio writes. This thread does not load netio, so that it starts sooner. */
const wakeOctets: Uint8Array = new Uint8Array(new BigUint64Array([1n]).buffer);

export interface DataPlaneObserver {
  /** The engine reports an event. */
  event(event: EngineEvent): void;
  /** The worker ended unexpectedly. */
  failed(error: NavalisError): void;
}

/** A started data plane. */
interface StartedDataPlane {
  readonly handle: DataPlaneHandle;
  /** The local endpoint of each socket, in the order of the settings. */
  readonly bound: readonly Ipv4Endpoint[];
}

/** Starts a data plane; rejects with the worker's sentence when it cannot start. */
export type DataPlaneStarter = (
  settings: DataPlaneSettings<unknown>,
  observer: DataPlaneObserver,
) => Promise<StartedDataPlane>;

/**
 * Returns a function that starts a data plane. The first worker loads its code at once, because that is the longest step
 * until a client has an address.
 */
export function dataPlaneStarter(entry: URL, time: Pick<Time, 'after'>): DataPlaneStarter {
  let spare: DataPlaneHandle | undefined = new DataPlaneHandle(entry, time);
  return async (settings, observer) => {
    const handle = spare ?? new DataPlaneHandle(entry, time);
    spare = undefined;
    return { handle, bound: await handle.start(settings, observer) };
  };
}

/**
 * The size to which a worker's heap may grow, with the memory for packets that V8 counts with it, before V8 collects all of it at once,
 * which stops the thread for 6 to 15 ms. It has some 40 MB when it is up, and makes no objects for packets; V8's own
 * choice has it collected with the first burst of them.
 */
const initialOldSpaceMegabytes = 128;

/** The control plane's side of one data-plane worker. The clients of the status server bound the number of requests. */
export class DataPlaneHandle {
  readonly #worker: Worker;
  readonly #time: Pick<Time, 'after'>;
  readonly #ended: Promise<void>;
  readonly #beatWaiters: (() => void)[] = [];
  readonly #statuses: Answers<DataPlaneStatus> = new Answers();
  readonly #peerPages: Answers<PeerPage> = new Answers();
  readonly #watchers = new Map<number, PeerWatcher>();
  #nextWatchId = 0;
  #wakeDescriptor = -1;
  #observer: DataPlaneObserver | undefined;
  #ready: ((outcome: readonly Ipv4Endpoint[] | NavalisError) => void) | undefined;
  /** The failure of a worker that ended before it had an observer. */
  #earlyFailure: NavalisError | undefined;
  #isOver = false;

  constructor(entry: URL, time: Pick<Time, 'after'>) {
    this.#time = time;
    setFlagsFromString(`--initial-old-space-size=${initialOldSpaceMegabytes}`);
    this.#worker = new Worker(entry);
    this.#worker.on('message', (message: DataPlaneMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(crashed(error)));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#fail(new NavalisError('internal', 'The data plane ended unexpectedly.'));
        resolve();
      });
    });
  }

  /** Resolves when the devices are open and the engine is about to start; rejects with the worker's sentence. */
  async start(settings: DataPlaneSettings<unknown>, observer: DataPlaneObserver): Promise<readonly Ipv4Endpoint[]> {
    if (this.#earlyFailure !== undefined) throw this.#earlyFailure;
    this.#observer = observer;
    const outcome = await new Promise<readonly Ipv4Endpoint[] | NavalisError>((resolve) => {
      this.#ready = resolve;
      this.#worker.postMessage(settings);
    });
    if (outcome instanceof NavalisError) throw outcome;
    return outcome;
  }

  /** True once the worker has ended, or is told to. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Undefined when the worker ended meanwhile. */
  status(): Promise<DataPlaneStatus | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    return this.#statuses.ask((id) => this.#send({ kind: 'status', id }));
  }

  /** Resolves with a page of the peers; undefined when the worker ended meanwhile. */
  peers(query: PeerQuery): Promise<PeerPage | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    return this.#peerPages.ask((id) => this.#send({ kind: 'peers', id, query }));
  }

  /** Begins to watch a peer; returns a function that ends it. */
  watchPeer(request: WatchRequest, watcher: PeerWatcher): () => void {
    const id = this.#nextWatchId++;
    if (this.#isOver) {
      watcher.ended();
      return () => undefined;
    }
    this.#watchers.set(id, watcher);
    this.#send({ kind: 'watch', id, request });
    return () => {
      if (this.#watchers.delete(id)) this.#send({ kind: 'unwatch', id });
    };
  }

  /** Resolves when the loop of the worker has turned once more, or when the worker ended. */
  beat(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#beatWaiters.push(resolve);
      this.#send({ kind: 'beat' });
    });
  }

  replaceDirectedBroadcasts(addresses: readonly Ipv4Value[]): void {
    this.#send({ kind: 'directed-broadcasts', addresses });
  }

  replaceExtraGlobalIpv4(ranges: readonly Ipv4Prefix[]): void {
    this.#send({ kind: 'extra-global-ipv4', ranges });
  }

  /** Sends an update to the engine of the role. */
  update(update: unknown): void {
    this.#send({ kind: 'update', update });
  }

  /** Ends the worker; its devices are closed afterwards. */
  async stop(): Promise<void> {
    if (!this.#isOver) {
      this.#send({ kind: 'stop' });
      this.#over();
    }
    const endLimit = this.#time.after(stopLimitMs, () => void this.#worker.terminate());
    await this.#ended;
    endLimit();
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
        this.#observer?.event(message.event);
        break;
      case 'status':
        this.#statuses.arrived(message.id, message.status);
        break;
      case 'peers':
        this.#peerPages.arrived(message.id, message.page);
        break;
      case 'watched':
        this.#watchers.get(message.id)?.event(message.event, message.atMs);
        break;
      case 'beat':
        this.#beaten();
        break;
      case 'failed':
        this.#fail(new NavalisError(message.code, message.sentence, undefined, message.evidence));
        break;
    }
  }

  #fail(error: NavalisError): void {
    if (this.#isOver) return;
    this.#over();
    if (this.#ready !== undefined) this.#ready(error);
    else if (this.#observer !== undefined) this.#observer.failed(error);
    else this.#earlyFailure = error;
  }

  #over(): void {
    this.#isOver = true;
    this.#statuses.end();
    this.#peerPages.end();
    for (const watcher of this.#watchers.values()) watcher.ended();
    this.#watchers.clear();
    this.#beaten();
  }

  #beaten(): void {
    for (const resolve of this.#beatWaiters.splice(0)) resolve();
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
