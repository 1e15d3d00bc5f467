import type { Ipv4Policy, Ipv4Value } from '@navalis/address';
import type { EngineOutputs } from '../engine.ts';
import type { Counters } from '../reports/counters.ts';
import { type PacketRun, type PortId, servicePortId } from '../runs.ts';

/** The only way out: decides on every IPv4 destination and counts what leaves. */
export class SendGate {
  readonly #outputs: Pick<EngineOutputs, 'sendDatagrams'>;
  readonly #policy: Ipv4Policy;
  readonly #counters: Counters;
  /** The port that everything leaves from unless another is named. */
  from: PortId = servicePortId;

  constructor(outputs: Pick<EngineOutputs, 'sendDatagrams'>, policy: Ipv4Policy, counters: Counters) {
    this.#outputs = outputs;
    this.#policy = policy;
    this.#counters = counters;
  }

  /** Returns true if datagrams may be sent there at all (RFC 4380 5.2.4). */
  allows(address: Ipv4Value, port: number): boolean {
    return port !== 0 && this.#policy.isGlobalUnicast(address);
  }

  /** Sends to an endpoint that somebody else named; false when the policy refuses it. */
  send(run: PacketRun, address: Ipv4Value, port: number, from: PortId = this.from): boolean {
    if (!this.allows(address, port)) return false;
    this.sendTrusted(run, address, port, from);
    return true;
  }

  /** Sends to the endpoint of a trusted peer, which was judged when it became trusted. */
  sendTrusted(run: PacketRun, address: Ipv4Value, port: number, from: PortId = this.from): void {
    this.#counters.datagramsSent += run.count;
    this.#counters.octetsSent += (run.count - 1) * run.packetLength + run.lastPacketLength;
    this.#outputs.sendDatagrams(run, address, port, from);
  }
}
