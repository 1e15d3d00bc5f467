import { type Ipv6Value, readIpv6 } from '@navalis/address';
import { icmpv6ErrorAllowed, icmpv6Types, maximumErrorLength, sourceOffset, writeIcmpv6Error } from '@navalis/wire';
import type { Counters } from './counters.ts';
import type { EngineOutputs } from './engine.ts';
import type { Milliseconds } from './milliseconds.ts';
import { RateLimit } from './rate-limit.ts';
import { createPacketRun, type PacketRun, pointRunAt } from './runs.ts';

/** RFC 4443 section 2.4 (f) asks for a limit and leaves the figure open (SEC-35). */
const errorsPerSecond = 10;

/**
 * Tells the sender of a packet by ICMPv6 why it went nowhere, through `deliverPackets`; within RFC 4443 section 2.4 and a
 * rate limit.
 */
export class Icmpv6Errors {
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters;
  readonly #limit: RateLimit = new RateLimit(errorsPerSecond);
  readonly #run: PacketRun = createPacketRun(new Uint8Array(maximumErrorLength));

  constructor(outputs: EngineOutputs, counters: Counters) {
    this.#outputs = outputs;
    this.#counters = counters;
  }

  unreachable(
    from: Ipv6Value,
    code: number,
    cause: Uint8Array,
    offset: number,
    length: number,
    now: Milliseconds,
  ): void {
    this.#send(from, icmpv6Types.destinationUnreachable, code, 0, cause, offset, length, now);
  }

  /** `mtu` in octets. */
  tooBig(from: Ipv6Value, mtu: number, cause: Uint8Array, offset: number, length: number, now: Milliseconds): void {
    this.#send(from, icmpv6Types.packetTooBig, 0, mtu, cause, offset, length, now);
  }

  #send(
    source: Ipv6Value,
    type: number,
    code: number,
    parameter: number,
    cause: Uint8Array,
    causeOffset: number,
    causeLength: number,
    now: Milliseconds,
  ): void {
    if (!icmpv6ErrorAllowed(cause, causeOffset, causeLength) || !this.#limit.take(now)) return;
    const destination = readIpv6(cause, causeOffset + sourceOffset);
    const length = writeIcmpv6Error(this.#run.memory, 0, {
      type,
      code,
      parameter,
      source,
      destination,
      cause,
      causeOffset,
      causeLength,
    });
    pointRunAt(this.#run, 0, length);
    this.#counters.errorsSent++;
    this.#counters.packetsDelivered++;
    this.#outputs.deliverPackets(this.#run);
  }
}
