import { type Ipv6Value, readIpv6 } from '@navalis/address';
import {
  type Icmpv6ErrorFields,
  icmpv6ErrorAllowed,
  icmpv6Types,
  maximumErrorLength,
  sourceOffset,
  writeIcmpv6Error,
} from '@navalis/wire';
import type { EngineOutputs } from '../engine.ts';
import type { Milliseconds } from '../milliseconds.ts';
import type { Counters } from '../reports/counters.ts';
import { createPacketRun, type PacketRun, pointRunAt } from '../runs.ts';
import { RateLimit } from './rate-limit.ts';

/** RFC 4443 section 2.4 (f) asks for a limit and leaves the figure open (SEC-35). */
const errorsPerSecond = 10;

/**
 * Sends ICMPv6 errors to the senders of dropped packets through `deliverPackets`, within RFC 4443 section 2.4 and a rate
 * limit.
 */
export class Icmpv6Errors {
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters;
  // Created with the first error.
  #limit: RateLimit | undefined;
  #run: PacketRun | undefined;

  constructor(outputs: EngineOutputs, counters: Counters) {
    this.#outputs = outputs;
    this.#counters = counters;
  }

  /** `code` as in RFC 4443 section 3.1; `cause` is the packet, or the run whose first packet is quoted. */
  unreachable(from: Ipv6Value, code: number, cause: PacketRun, now: Milliseconds): void {
    if (!this.#admits(cause, now)) return;
    this.#send(from, { type: icmpv6Types.destinationUnreachable, code, parameter: 0 }, cause);
  }

  /** `mtu` in octets. */
  tooBig(from: Ipv6Value, mtu: number, cause: PacketRun, now: Milliseconds): void {
    if (!this.#admits(cause, now)) return;
    this.#send(from, { type: icmpv6Types.packetTooBig, code: 0, parameter: mtu }, cause);
  }

  #admits({ memory, offset, packetLength }: PacketRun, now: Milliseconds): boolean {
    if (!icmpv6ErrorAllowed(memory, offset, packetLength)) return false;
    this.#limit ??= new RateLimit(errorsPerSecond);
    return this.#limit.take(now);
  }

  #send(source: Ipv6Value, message: Pick<Icmpv6ErrorFields, 'type' | 'code' | 'parameter'>, cause: PacketRun): void {
    this.#run ??= createPacketRun(new Uint8Array(maximumErrorLength));
    const run = this.#run;
    const length = writeIcmpv6Error(run.memory, 0, {
      ...message,
      source,
      destination: readIpv6(cause.memory, cause.offset + sourceOffset),
      cause: cause.memory,
      causeOffset: cause.offset,
      causeLength: cause.packetLength,
    });
    pointRunAt(run, 0, length);
    this.#counters.errorsSent++;
    this.#counters.packetsDelivered++;
    this.#outputs.deliverPackets(run);
  }
}
