import { type Ipv6Policy, readIpv6 } from '@navalis/address';
import {
  Counters,
  type Engine,
  type EngineLife,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  type StandbyStatus,
} from '@navalis/engine';
import { destinationOffset, isLinkChatter, isWellFormedPacket } from '@navalis/wire';

export interface StandbyEngine extends Engine, EngineLife<StandbyStatus> {}

/**
 * Creates the placeholder engine of an idle client, which has closed its socket (CL-U-10). It owns only the tunnel interface, and
 * reports `wanted` once when the host sends a packet that a client would carry. That packet is lost; its sender sends it
 * again.
 */
export function createStandbyEngine(outputs: Pick<EngineOutputs, 'report'>, policy: Ipv6Policy): StandbyEngine {
  return new Standby(outputs, policy);
}

class Standby implements StandbyEngine {
  readonly #outputs: Pick<EngineOutputs, 'report'>;
  readonly #policy: Ipv6Policy;
  readonly #counters: Counters = new Counters();
  #state: 'initial' | 'stopped' = 'initial';
  #since: Milliseconds = 0;
  #isWanted = false;

  constructor(outputs: Pick<EngineOutputs, 'report'>, policy: Ipv6Policy) {
    this.#outputs = outputs;
    this.#policy = policy;
  }

  start(now: Milliseconds): void {
    this.#since = now;
  }

  stop(now: Milliseconds): void {
    this.#state = 'stopped';
    this.#since = now;
  }

  /** Ignores datagrams: a standby client has no socket to receive them on. */
  handleDatagrams(): void {}

  handlePackets(run: PacketRun): void {
    const { memory, offset, packetLength, count } = run;
    if (count === 1 && isWellFormedPacket(memory, offset, packetLength) && isLinkChatter(memory, offset)) return;
    this.#counters.packetsTaken += count;
    this.#counters.drop('not-qualified', count);
    if (this.#isWanted || this.#state === 'stopped' || !isForTunnel(run, this.#policy)) return;
    this.#isWanted = true;
    this.#outputs.report({ kind: 'wanted' });
  }

  handleDeadline(): void {}

  nextDeadline(): Milliseconds {
    return Number.POSITIVE_INFINITY;
  }

  deadlineReason(): undefined {}

  status(): StandbyStatus {
    return { role: 'standby', state: this.#state, since: this.#since, peers: 0, counters: this.#counters.snapshot() };
  }
}

/** Returns true for packets that a client would carry: not those that the kernel sends to neighbours on every link. */
function isForTunnel({ memory, offset, packetLength, count }: PacketRun, policy: Ipv6Policy): boolean {
  if (count === 1 && !isWellFormedPacket(memory, offset, packetLength)) return false;
  const destination = readIpv6(memory, offset + destinationOffset);
  return policy.classify(destination) === 'teredo' || policy.isGlobal(destination);
}
