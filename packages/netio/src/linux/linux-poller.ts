import { NavalisError } from '@navalis/engine';
import { systemCallFailed } from '../device-errors.ts';
import type { Arena } from '../kernel/arena.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, POLLIN } from '../kernel/constants.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';
import type { Poller } from '../poller.ts';

/** Devices that one poller watches at most, besides its own eventfd. */
const maximumDevices = 8;
/** Octets of a `struct pollfd`: descriptor, then wanted and returned events, 2 octets each. */
const entryOctets = 8;
const returnedEventsOffset = 6;
const maximumTimeoutMs = 0x7fffffff;

/** What a poller needs of the machine. */
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
  #wakeDescriptor: number;
  #devices = 0;

  constructor(machine: PollingMachine) {
    const { calls, arena } = machine;
    this.#machine = machine;
    this.#entries = arena.allocate(entryOctets * (maximumDevices + 1));
    this.#entriesAddress = arena.address(this.#entries);
    this.#counter = arena.allocate(8);
    this.#wakeDescriptor = calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (this.#wakeDescriptor < 0) throw systemCallFailed('open an eventfd', calls.errno());
    this.#enter(0, this.#wakeDescriptor);
  }

  get wakeDescriptor(): number {
    return this.#wakeDescriptor;
  }

  watch(device: { readonly descriptor: number }): number {
    if (this.#devices === maximumDevices) throw new NavalisError('internal', 'A poller watches 8 devices at most.');
    this.#devices++;
    this.#enter(this.#devices, device.descriptor);
    return this.#devices - 1;
  }

  rewatch(device: { readonly descriptor: number }, oldDescriptor: number): void {
    this.#replace(oldDescriptor, device.descriptor);
  }

  unwatch({ descriptor }: { readonly descriptor: number }): void {
    // The kernel passes over negative descriptors.
    this.#replace(descriptor, -1);
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
    return this.#returnedEvents(index + 1) !== 0;
  }

  close(): void {
    if (this.#wakeDescriptor < 0) return;
    this.#machine.calls.close(this.#wakeDescriptor);
    this.#wakeDescriptor = -1;
  }

  /** How many devices are ready, once some are (negative: an error); 0 when none were after so many looks. */
  #look(times: number): number {
    const { calls } = this.#machine;
    for (let look = 0; look < times; look++) {
      const ready = calls.poll(this.#entriesAddress, this.#devices + 1, 0);
      if (ready !== 0) return ready;
      calls.sched_yield();
    }
    return 0;
  }

  #replace(before: number, descriptor: number): void {
    for (let entry = 1; entry <= this.#devices; entry++) {
      if (this.#machine.arena.uint32[(this.#entries + entry * entryOctets) >>> 2] !== before) continue;
      this.#enter(entry, descriptor);
      this.#machine.arena.uint16[(this.#entries + entry * entryOctets + returnedEventsOffset) >>> 1] = 0;
    }
  }

  #enter(entry: number, descriptor: number): void {
    const offset = this.#entries + entry * entryOctets;
    this.#machine.arena.uint32[offset >>> 2] = descriptor;
    this.#machine.arena.uint16[(offset + 4) >>> 1] = POLLIN;
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
