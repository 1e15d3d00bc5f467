import { randomFillSync } from 'node:crypto';
import { Ipv4Policy, type Ipv4Value } from '@navalis/address';
import type { Milliseconds, PacketRun } from '@navalis/engine';
import { DeviceDropCounts, type Netio, openLinuxNetio, type Poller, type UdpSocket } from '@navalis/netio';
import { DeadlineQueue } from './deadline-queue.ts';
import type { LoadAddresses } from './load-addresses.ts';
import { type ClientObserver, LoadClient, type LoadClientParts } from './load-client.ts';
import type { LoadSettings } from './settings.ts';

/** Peers and waiting packets of one client: it has few contacts, and memory is reserved for all of them. */
const capacity = { peerCapacity: 16, queueCapacity: 16 };

/** Sockets of one client at most, on average: those beyond the service port are opened on behalf of few. */
const socketsPerClient = 2;

/** Datagrams that one socket may take in a turn. */
const receiveBudget = 64;

interface Receiver {
  readonly socket: UdpSocket;
  readonly client: LoadClient;
}

/** Many clients on one thread: their sockets, one poller, and their deadlines. */
export class Crowd {
  /** Those that were started, by number. */
  readonly clients: LoadClient[] = [];
  /** The time of what happens at present. */
  now: Milliseconds = performance.now();
  readonly drops: DeviceDropCounts = new DeviceDropCounts();
  readonly #addresses: LoadAddresses;
  readonly #netio: Netio;
  readonly #poller: Poller;
  /** By their index in the poller. */
  readonly #receivers: (Receiver | undefined)[] = [];
  readonly #deadlines: DeadlineQueue;
  readonly #parts: LoadClientParts;
  readonly #handled: (client: LoadClient) => void;

  /** `handled` is called after a client took what waited for it. */
  constructor(
    settings: LoadSettings,
    addresses: LoadAddresses,
    observer: ClientObserver,
    handled: (client: LoadClient) => void,
  ) {
    this.#addresses = addresses;
    this.#handled = handled;
    this.#netio = openLinuxNetio({ offload: false });
    // Round trips must not contain a wait for the processor, as far as that can be helped.
    this.#netio.raiseOwnPriority();
    this.#poller = this.#netio.openPoller(socketsPerClient * settings.clients);
    this.#deadlines = new DeadlineQueue(settings.clients);
    const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: addresses.extraGlobal });
    this.#parts = {
      netio: this.#netio,
      watch: (socket, client) => {
        this.#receivers[this.#poller.watch(socket)] = { socket, client };
      },
      unwatch: (socket) => {
        this.#poller.unwatch(socket);
        this.#receivers[this.#receivers.findIndex((receiver) => receiver?.socket === socket)] = undefined;
      },
      drops: this.drops,
      random: { fill: (target) => void randomFillSync(target) },
      options: {
        policy,
        ...capacity,
        serverOrder: settings.serverOrder,
        ...(settings.refreshIntervalMs !== undefined && { refreshIntervalMs: settings.refreshIntervalMs }),
      },
      turn: addresses.turn,
      observer,
    };
  }

  /** Starts one more client. @throws NavalisError when no socket can be opened for it. */
  startNext(): void {
    const number = this.clients.length;
    const { sources, localAddress, servers } = this.#addresses;
    const source: Ipv4Value = sources[number % sources.length] ?? 0;
    const place = { number, servers, source, localAddress: source === 0 ? localAddress : source };
    const client = new LoadClient(this.#parts, place);
    this.clients.push(client);
    client.startedAt = this.now;
    client.engine.start(this.now);
    this.#follow(client);
  }

  /** Gives a client a packet of its host. */
  take(client: LoadClient, packet: PacketRun): void {
    client.engine.handlePackets(packet, this.now);
    this.#follow(client);
  }

  flush(): void {
    this.#netio.flushSockets();
  }

  /** Waits for datagrams and deadlines for so long at most, and handles them. */
  step(waitMs: Milliseconds): void {
    this.#poller.wait(Math.min(waitMs, this.#deadlines.earliest - performance.now()));
    for (let index = 0; index < this.#receivers.length; index++) {
      if (this.#poller.isReady(index)) this.#receive(this.#receivers[index]);
    }
    this.now = performance.now();
    // One turn each: a deadline that stays due waits for the next step.
    for (let left = this.clients.length; left > 0 && this.#deadlines.earliest <= this.now; left--) {
      const client = this.clients[this.#deadlines.first]!;
      client.engine.handleDeadline(this.now);
      this.#follow(client);
    }
    this.flush();
  }

  /** Ends all clients, as a program that ends does. */
  close(): void {
    this.now = performance.now();
    for (const client of this.clients) client.engine.stop(this.now);
    this.flush();
    this.#netio.close();
  }

  #receive(receiver: Receiver | undefined): void {
    if (receiver === undefined) return;
    const { socket, client } = receiver;
    this.now = performance.now();
    socket.receive(client, this.now, receiveBudget);
    this.#handled(client);
    this.#follow(client);
    // Queued datagrams may refer to memory that the next socket receives into.
    this.flush();
  }

  #follow(client: LoadClient): void {
    this.#deadlines.set(client.number, client.engine.nextDeadline());
  }
}
