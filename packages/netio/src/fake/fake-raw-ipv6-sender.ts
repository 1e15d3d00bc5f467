import type { PacketRun } from '@navalis/engine';
import { ipv6HeaderLength } from '@navalis/wire';
import type { RawIpv6Sender, RawIpv6SenderOptions } from '../raw-ipv6-sender.ts';
import { FakeSendBatch } from './fake-send-batch.ts';

/** IPv6 routing without a network: tests take out what is sent. */
export class FakeRawIpv6Sender implements RawIpv6Sender {
  /** While true, the kernel's buffer is full: flushed packets are dropped. */
  sendBufferFull = false;
  closed = false;
  readonly #batch: FakeSendBatch<undefined>;
  readonly #sent: Uint8Array[] = [];

  constructor({ drops }: RawIpv6SenderOptions) {
    this.#batch = new FakeSendBatch(drops, 'send-failed', (packet) => {
      if (packet.length < ipv6HeaderLength) return 'send-failed';
      if (this.sendBufferFull) return 'send-buffer-full';
      this.#sent.push(packet);
      return undefined;
    });
  }

  /** The packets sent since the last call. */
  takeSent(): Uint8Array[] {
    return this.#sent.splice(0);
  }

  queue(run: PacketRun): void {
    this.#batch.queue(run, undefined);
  }

  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    this.#batch.clear();
    this.closed = true;
  }
}
