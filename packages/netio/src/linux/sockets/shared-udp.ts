import { createDatagramRun, type DatagramRun } from '@navalis/engine';
import { MessageHeaders, vectorOctets, writeVector } from '../../kernel/message-headers.ts';
import { ReceiveSlots, slotOctets } from '../../kernel/receive-slots.ts';
import { Segmenter } from '../../offload/segmenter.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { SendBatch } from './send-batch.ts';
import { socketAddressOctets } from './socket-address.ts';

/** Datagrams or bundles per `recvmmsg`. */
export const udpReceiveSlots = 64;

/**
 * The memory into which all UDP sockets of a thread receive, and from which they send, one after the other: some 4.5 MB of the
 * arena for any number of them.
 */
export class SharedUdp {
  readonly slots: ReceiveSlots;
  readonly received: MessageHeaders;
  readonly batch: SendBatch;
  readonly segmenter: Segmenter;
  readonly run: DatagramRun;

  constructor({ calls, arena, loops }: LinuxMachine) {
    this.slots = new ReceiveSlots(arena, udpReceiveSlots);
    this.received = new MessageHeaders(arena, { count: udpReceiveSlots, nameOctets: socketAddressOctets });
    const vectors = arena.allocate(udpReceiveSlots * vectorOctets);
    for (let slot = 0; slot < udpReceiveSlots; slot++) {
      writeVector(arena, vectors + slot * vectorOctets, this.slots.packetOffset(slot), slotOctets);
      this.received.setVectors(slot, vectors + slot * vectorOctets, 1);
      this.received.prepareToReceive(slot);
    }
    this.batch = new SendBatch({ calls, arena, nameOctets: socketAddressOctets });
    this.segmenter = new Segmenter(arena, loops);
    this.run = createDatagramRun(arena.bytes);
  }
}
