import type { Ipv4Endpoint } from '@navalis/address';
import { createDatagramRun, type DatagramRun, type PortId, pointRunAt } from '@navalis/engine';
import {
  destinationOffset,
  ipv6HeaderLength,
  nextHeaderOf,
  nextHeaders,
  payloadLengthOf,
  sourceOffset,
} from '@navalis/wire';

const longestRunOctets = 0xffff;
/** Octets between the packets of a run, none of which an engine may look at: datagrams that came one by one lie apart. */
const gapOctets = 24;

/**
 * Joins datagrams that arrive together into runs, as the kernel and the data plane do: plain packets of one inner flow from
 * one endpoint, of equal lengths but for a shorter last one. Holds one run at most.
 */
export class DatagramJoiner {
  readonly #handle: (run: DatagramRun) => void;
  readonly #run: DatagramRun = createDatagramRun(new Uint8Array(0));
  #payloads: Uint8Array[] = [];

  constructor(handle: (run: DatagramRun) => void) {
    this.#handle = handle;
  }

  /** Takes a datagram; true when `flush` has to be called later in the same instant. */
  add(payload: Uint8Array, from: Ipv4Endpoint, portId: PortId): boolean {
    const run = this.#run;
    const isSame = run.sourceAddress === from.address && run.sourcePort === from.port && run.portId === portId;
    if (!isSame || !this.#continues(payload)) this.flush();
    run.sourceAddress = from.address;
    run.sourcePort = from.port;
    run.portId = portId;
    this.#payloads.push(payload);
    if (isPlain(payload)) return true;
    this.flush();
    return false;
  }

  /** Hands over what is held. */
  flush(): void {
    const payloads = this.#payloads;
    if (payloads.length === 0) return;
    this.#payloads = [];
    const run = this.#run;
    const { length } = payloads[0]!;
    run.memory = payloads.length === 1 ? payloads[0]! : joined(payloads, length + gapOctets);
    pointRunAt(run, 0, length);
    run.count = payloads.length;
    run.lastPacketLength = payloads[payloads.length - 1]!.length;
    if (payloads.length > 1) run.headerStride = length + gapOctets;
    this.#handle(run);
  }

  /** Drops what is held of a port that was closed. */
  forget(portId: PortId): void {
    if (this.#run.portId === portId) this.#payloads = [];
  }

  #continues(payload: Uint8Array): boolean {
    const payloads = this.#payloads;
    if (payloads.length === 0 || !isPlain(payload)) return false;
    const first = payloads[0]!;
    const last = payloads[payloads.length - 1]!;
    if (last.length !== first.length || payload.length > first.length) return false;
    if ((payloads.length + 1) * first.length > longestRunOctets) return false;
    for (let at = sourceOffset; at < destinationOffset + 16; at++) if (payload[at] !== first[at]) return false;
    return true;
  }
}

/** Returns true for a packet and nothing else, of a kind that an engine need not look at by itself. */
export function isPlain(payload: Uint8Array): boolean {
  if (payload.length < ipv6HeaderLength || payload[0]! >> 4 !== 6) return false;
  const nextHeader = nextHeaderOf(payload, 0);
  if (nextHeader === nextHeaders.none || nextHeader === nextHeaders.icmpv6) return false;
  return payloadLengthOf(payload, 0) + ipv6HeaderLength === payload.length;
}

function joined(payloads: readonly Uint8Array[], stride: number): Uint8Array {
  const memory = new Uint8Array(payloads.length * stride).fill(0xee);
  payloads.forEach((payload, index) => void memory.set(payload, index * stride));
  return memory;
}
