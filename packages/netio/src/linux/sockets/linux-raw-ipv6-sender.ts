import type { PacketRun } from '@navalis/engine';
import { ipv6HeaderLength } from '@navalis/wire';
import { rawSocketNeedsPrivilege, systemCallFailed } from '../../device-errors.ts';
import { ArenaShare } from '../../kernel/arena.ts';
import { AF_INET6, IPPROTO_RAW, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../../kernel/constants.ts';
import { errno } from '../../kernel/errno.ts';
import type { RawIpv6Sender, RawIpv6SenderOptions } from '../../raw-ipv6-sender.ts';
import { packetLengthAt, packetsLieApart } from '../../run-packets.ts';
import type { LinuxMachine } from '../linux-machine.ts';
import { enlargeBuffers } from './open-bound-socket.ts';
import { SendBatch } from './send-batch.ts';
import { Sender } from './sender.ts';

/** Octets of a `struct sockaddr_in6`: family, port (0 here), flow label, address in network order, scope. */
const socketAddressOctets = 28;
const socketAddressAddressOffset = 8;
const ipv6DestinationOffset = 24;

export class LinuxRawIpv6Sender implements RawIpv6Sender {
  readonly #machine: LinuxMachine;
  readonly #options: RawIpv6SenderOptions;
  readonly #closed: () => void;
  readonly #memory: ArenaShare;
  readonly #batch: SendBatch;
  readonly #sender: Sender;

  /** `closed` is called once, when the device is closed. */
  constructor(machine: LinuxMachine, options: RawIpv6SenderOptions, closed: () => void) {
    const { calls, arena } = machine;
    this.#machine = machine;
    this.#options = options;
    this.#closed = closed;
    this.#memory = new ArenaShare(arena);
    this.#batch = new SendBatch({ calls, arena, nameOctets: socketAddressOctets, room: this.#memory });
    for (let index = 0; index < this.#batch.headers.count; index++) {
      arena.uint16[this.#batch.headers.nameOffset(index) >>> 1] = AF_INET6;
    }
    const descriptor = this.#memory.guard(() => openRawSocket(machine));
    this.#sender = new Sender(descriptor, options.drops, false);
    enlargeBuffers(machine, descriptor);
  }

  queue(run: PacketRun): void {
    if (!packetsLieApart(run)) {
      this.#options.drops.drop('send-failed', run.count);
      return;
    }
    for (let packet = 0; packet < run.count; packet++) {
      this.#queuePacket(run.memory, run.offset + packet * run.headerStride, packetLengthAt(run, packet));
    }
  }

  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    const sender = this.#sender;
    if (sender.descriptor < 0) return;
    this.#machine.calls.close(sender.descriptor);
    sender.descriptor = -1;
    this.#memory.release();
    this.#closed();
  }

  #queuePacket(memory: Uint8Array, offset: number, octets: number): void {
    if (octets < ipv6HeaderLength) {
      this.#options.drops.drop('send-failed');
      return;
    }
    const batch = this.#batch;
    batch.makeRoom();
    const place = batch.place(this.#sender, memory, offset, octets);
    if (place < 0) return;
    const { bytes } = this.#machine.arena;
    const target = batch.headers.nameOffset(batch.begin(this.#sender, octets)) + socketAddressAddressOffset;
    batch.add(place, octets);
    for (let octet = 0; octet < 16; octet++) bytes[target + octet] = memory[offset + ipv6DestinationOffset + octet]!;
  }
}

function openRawSocket({ calls }: LinuxMachine): number {
  // IPPROTO_RAW: headers come from us, and nothing is ever received.
  const descriptor = calls.socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
  if (descriptor >= 0) return descriptor;
  const error = calls.errno();
  if (error === errno.EPERM || error === errno.EACCES) throw rawSocketNeedsPrivilege();
  throw systemCallFailed('open a raw IPv6 socket', error);
}
