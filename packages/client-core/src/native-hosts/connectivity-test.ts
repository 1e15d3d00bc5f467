import { teredoPort } from '@navalis/address';
import {
  createPacketRun,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type RandomSource,
  RateLimit,
  type SendGate,
} from '@navalis/engine';
import type { PeerIndex, PeerTable } from '@navalis/traversal';
import { echoDataOffset, writeEchoRequest } from '@navalis/wire';
import { inboundTestsPerSecond, testIdentifier } from '../choices.ts';
import { testHopLimit, testNonceLength } from '../constants.ts';
import type { OwnAddress } from '../own-address.ts';
import { TestNonces } from './test-nonces.ts';

/**
 * The IPv6 connectivity test (RFC 4380 5.2.9): an Echo Request with a nonce goes to a native host through the client's server;
 * the reply comes from the relay nearest to that host, and shows where it is.
 */
export class ConnectivityTest {
  readonly nonces: TestNonces;
  readonly #own: OwnAddress;
  readonly #table: PeerTable;
  readonly #gate: SendGate;
  readonly #inboundLimit: RateLimit = new RateLimit(inboundTestsPerSecond);
  readonly #run: PacketRun = createPacketRun(new Uint8Array(echoDataOffset + testNonceLength));

  constructor(own: OwnAddress, table: PeerTable, gate: SendGate, random: RandomSource) {
    this.nonces = new TestNonces(table, random);
    this.#own = own;
    this.#table = table;
    this.#gate = gate;
  }

  /** The first request of an attempt; with the nonce of a request that an incoming packet caused, if one is out. */
  begin(peer: PeerIndex, now: Milliseconds): void {
    if (!this.nonces.isOutstanding(peer, now) || this.nonces.hasFailed(peer)) this.nonces.draw(peer, now);
    this.send(peer, 1, now);
  }

  /** One more request with the nonce of the attempt. */
  send(peer: PeerIndex, sequence: number, now: Milliseconds): void {
    const length = writeEchoRequest(this.#run.memory, 0, {
      source: this.#own.value,
      destination: this.#table.address(peer),
      identifier: testIdentifier,
      sequence,
      hopLimit: testHopLimit,
      data: this.nonces.of(peer),
    });
    pointRunAt(this.#run, 0, length);
    if (this.#gate.send(this.#run, this.#own.server, teredoPort)) this.#table.sent(peer, now);
  }

  /** Returns true if a packet from an untested source may cause a request, and counts it then. */
  mayTestUponReception(now: Milliseconds): boolean {
    return this.#inboundLimit.take(now);
  }
}
