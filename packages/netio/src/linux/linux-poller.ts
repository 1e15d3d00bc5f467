import { systemCallFailed, tooManyDevices } from '../device-errors.ts';
import { type Arena, ArenaShare } from '../kernel/arena.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, POLLIN } from '../kernel/constants.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';
import { type Poller, usualWatchedDevices } from '../poller.ts';

/** In place of a descriptor: the kernel skips the entry. */
const noDescriptor = 0xffff_ffff;
/** Octets of a `struct pollfd`: descriptor, then wanted and returned events, 2 octets each. */
const entryOctets = 8;
const returnedEventsOffset = 6;
const maximumTimeoutMs = 0x7fffffff;

/** The parts of the machine that a poller needs. */
interface PollingMachine {
  readonly calls: Pick<SystemCalls, 'poll' | 'sched_yield' | 'eventfd' | 'read' | 'close' | 'errno'>;
  readonly arena: Arena;
}

export class LinuxPoller implements Poller {
  woken = false;
  readonly #machine: PollingMachine;
  /** Offset of the array of `struct pollfd`; the eventfd comes first. */
  readonly #entries: number;
  readonly #entriesAddress: number;
  readonly #counter: number;
  readonly #memory: ArenaShare;
  readonly #closed: () => void;
  readonly #capacity: number;
  #wakeDescriptor: number;
  /** Entries of devices up to the last one in use. */
  #devices = 0;

  /** `closed` is called once, when the poller is closed. */
  constructor(machine: PollingMachine, closed: () => void, capacity: number = usualWatchedDevices) {
    const { arena } = machine;
    this.#machine = machine;
    this.#closed = closed;
    this.#capacity = capacity;
    this.#memory = new ArenaShare(arena);
    this.#entries = this.#memory.allocate(entryOctets * (capacity + 1));
    this.#entriesAddress = arena.address(this.#entries);
    this.#counter = this.#memory.allocate(8);
    this.#wakeDescriptor = this.#memory.guard(() => openCounter(machine));
    this.#enter(0, this.#wakeDescriptor);
  }

  get wakeDescriptor(): number {
    return this.#wakeDescriptor;
  }

  watch(device: { readonly descriptor: number }): number {
    let entry = 1;
    while (entry <= this.#devices && this.#descriptorAt(entry) !== noDescriptor) entry++;
    if (entry > this.#capacity) throw tooManyDevices(this.#capacity);
    this.#devices = Math.max(this.#devices, entry);
    this.#enter(entry, device.descriptor);
    return entry - 1;
  }

  unwatch({ descriptor }: { readonly descriptor: number }): void {
    for (let entry = 1; entry <= this.#devices; entry++) {
      if (this.#descriptorAt(entry) === descriptor) this.#enter(entry, noDescriptor);
    }
    while (this.#devices > 0 && this.#descriptorAt(this.#devices) === noDescriptor) this.#devices--;
  }

  wait(timeoutMs: number, looks = 0): number {
    const timeout =
      timeoutMs === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.min(Math.ceil(timeoutMs), maximumTimeoutMs));
    const ready =
      (timeout !== 0 && this.#look(looks)) ||
      this.#machine.calls.poll(this.#entriesAddress, this.#devices + 1, timeout);
    // Interrupted by a signal: the returned events are those of an earlier wait.
    if (ready < 0) this.#forgetReturnedEvents();
    this.woken = this.#returnedEvents(0) !== 0;
    if (!this.woken) return Math.max(ready, 0);
    this.#machine.calls.read(this.#wakeDescriptor, this.#machine.arena.address(this.#counter), 8);
    return ready - 1;
  }

  isReady(index: number): boolean {
    return index < this.#devices && this.#returnedEvents(index + 1) !== 0;
  }

  close(): void {
    if (this.#wakeDescriptor < 0) return;
    this.#machine.calls.close(this.#wakeDescriptor);
    this.#wakeDescriptor = -1;
    this.#memory.release();
    this.#closed();
  }

  /** Returns the number of ready devices, once there are some (negative: an error); 0 when there were none after so many polls. */
  #look(times: number): number {
    const { calls } = this.#machine;
    for (let look = 0; look < times; look++) {
      const ready = calls.poll(this.#entriesAddress, this.#devices + 1, 0);
      if (ready !== 0) return ready;
      calls.sched_yield();
    }
    return 0;
  }

  #descriptorAt(entry: number): number {
    return this.#machine.arena.uint32[(this.#entries + entry * entryOctets) >>> 2]!;
  }

  #enter(entry: number, descriptor: number): void {
    const offset = this.#entries + entry * entryOctets;
    this.#machine.arena.uint32[offset >>> 2] = descriptor;
    this.#machine.arena.uint16[(offset + 4) >>> 1] = POLLIN;
    this.#machine.arena.uint16[(offset + returnedEventsOffset) >>> 1] = 0;
  }

  #returnedEvents(entry: number): number {
    return this.#machine.arena.uint16[(this.#entries + entry * entryOctets + returnedEventsOffset) >>> 1]!;
  }

  #forgetReturnedEvents(): void {
    for (let entry = 0; entry <= this.#devices; entry++) {
      this.#machine.arena.uint16[(this.#entries + entry * entryOctets + returnedEventsOffset) >>> 1] = 0;
    }
  }
}

function openCounter({ calls }: PollingMachine): number {
  const descriptor = calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor < 0) throw systemCallFailed('open an eventfd', calls.errno());
  return descriptor;
}
