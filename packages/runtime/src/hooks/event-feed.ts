import type { EventSink, HostEvent } from './host-event.ts';

/**
 * Makes the events of a role complete for other programs: each address that was assigned is also lost, even when the role ends
 * at once, and an attempt that fails as the one before it is not reported again.
 */
export class EventFeed implements EventSink {
  readonly #next: EventSink;
  #address: string | undefined;
  /** The last failure since the last address, as JSON. */
  #failure: string | undefined;

  constructor(next: EventSink) {
    this.#next = next;
  }

  tell(event: HostEvent): void {
    if (event.event === 'address-assigned') {
      this.#address = event.address;
      this.#failure = undefined;
    } else if (event.event === 'address-lost') {
      if (this.#address === undefined) return;
      this.#address = undefined;
    } else if (endsAddress(event)) {
      this.#lose();
    }
    if (event.event === 'off-line') {
      const failure = JSON.stringify(event);
      if (failure === this.#failure) return;
      this.#failure = failure;
    }
    this.#next.tell(event);
  }

  #lose(): void {
    const address = this.#address;
    this.#address = undefined;
    if (address !== undefined) this.#next.tell({ event: 'address-lost', address });
  }
}

function endsAddress(event: HostEvent): boolean {
  switch (event.event) {
    case 'disabled':
      return event.reason !== 'idle';
    case 'off-line':
    case 'waiting':
    case 'stopped':
      return true;
    case 'function-changed':
      return event.function !== 'client';
    default:
      return false;
  }
}
