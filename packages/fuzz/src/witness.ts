import {
  embeddedAddress,
  embeddedPort,
  formatIpv4,
  formatIpv6,
  type Ipv4Value,
  isTeredo,
  isWellFormedTeredo,
  readIpv6,
  readUint32,
} from '@navalis/address';
import type { DatagramRun, PacketRun } from '@navalis/engine';
import { bubbleLength, destinationOffset, isBubble, sourceOffset, trailerTypes } from '@navalis/wire';
import { aliceBroadcast, policy, reserved } from './cast.ts';
import { expectThat } from './finding.ts';
import type { WatchedOutputs } from './watched-outputs.ts';

/**
 * Knows which sources may be believed and which destinations may be sent to: RFC 4380 5.2.3 and 5.4.2, RFC 6081 5.2.4.4 and DD-14,
 * written down once more.
 */
export class Witness {
  readonly #outputs: WatchedOutputs;
  /** Sources with the endpoints at which they repeated a nonce. */
  readonly #proven: Set<string> = new Set();

  constructor(outputs: WatchedOutputs) {
    this.#outputs = outputs;
  }

  /** Sees a datagram before the engine does. */
  sees(run: DatagramRun): void {
    const { memory, offset, packetLength } = run;
    if (packetLength < bubbleLength || !isBubble(memory, offset)) return;
    const source = readIpv6(memory, offset + sourceOffset);
    for (let at = offset + bubbleLength; at + 6 <= offset + packetLength; at++) {
      if (memory[at] !== trailerTypes.nonce || memory[at + 1] !== 4) continue;
      if (this.#outputs.hasSent(readUint32(memory, at + 2), source)) this.#proven.add(keyOf(memory, offset, run));
    }
  }

  /** A Teredo source counts from the endpoint that it embeds, and from where it repeated a nonce that it was sent. */
  judgeSource({ memory, offset }: PacketRun, cause: DatagramRun): void {
    const source = readIpv6(memory, offset + sourceOffset);
    if (!isTeredo(source)) return;
    expectThat(isWellFormedTeredo(source, policy), 'a source is a good Teredo address');
    const isItsOwn = embeddedAddress(source) === cause.sourceAddress && embeddedPort(source) === cause.sourcePort;
    const isProven = this.#proven.has(keyOf(memory, offset, cause));
    expectThat(isItsOwn || isProven, 'a packet comes from the endpoint that its source embeds, or has proven');
  }

  /** Private destinations are for peers behind the own NAT, which is at `natAddress`; without one there are none. */
  judgeDestination({ memory, offset, packetLength }: PacketRun, address: Ipv4Value, natAddress?: Ipv4Value): void {
    expectThat(!isForbidden(address), `nothing is sent to ${formatIpv4(address)}`);
    if (policy.isGlobalUnicast(address)) return;
    const peer = packetLength < bubbleLength ? undefined : readIpv6(memory, offset + destinationOffset);
    const isNeighbour = peer !== undefined && isTeredo(peer) && embeddedAddress(peer) === natAddress;
    expectThat(isNeighbour, 'a private address is used for peers behind the own NAT only');
  }
}

function keyOf(memory: Uint8Array, offset: number, { sourceAddress, sourcePort }: DatagramRun): string {
  return `${formatIpv6(readIpv6(memory, offset + sourceOffset))} ${sourceAddress}:${sourcePort}`;
}

/** This network, loopback, link-local, multicast, broadcast, and of the reserved addresses the one in hostile trailers. */
function isForbidden(address: Ipv4Value): boolean {
  const first = address >>> 24;
  const isSpecial = first === 0 || first === 127 || address >>> 16 === 0xa9fe || (first >= 224 && first < 240);
  return isSpecial || address === 0xffffffff || address === aliceBroadcast || address === reserved;
}
