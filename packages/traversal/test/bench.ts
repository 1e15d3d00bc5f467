import {
  buildTeredoAddress,
  formatEndpoint,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
} from '@navalis/address';
import {
  Counters,
  createDatagramRun,
  Icmpv6Errors,
  type Milliseconds,
  type RandomSource,
  SendGate,
} from '@navalis/engine';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import { noExtensions, type PeerIndex, Traversal, type TraversalOptions, type TraversalRole } from '../src/index.ts';

const policy: Ipv4Policy = new Ipv4Policy({ strictness: 'rfc4380' });
const server: number = parseIpv4('203.0.113.120')!;
export const mapped: Ipv4Endpoint = { address: parseIpv4('192.0.2.1')!, port: 4096 };
export const elsewhere: Ipv4Endpoint = { address: parseIpv4('198.51.100.7')!, port: 77 };
export const onLink: Ipv4Endpoint = { address: parseIpv4('192.168.0.2')!, port: 3544 };
export const teredo: Ipv6Value = teredoAddress(mapped.port);
export const native: Ipv6Value = parseIpv6('2a00:2:3:4::5')!;
export const own: Ipv6Value = parseIpv6('2a00:1::1')!;
export const router: Ipv6Value = parseIpv6('fe80::1')!;
export const direct: string = '192.0.2.1:4096';
export const indirect: string = '203.0.113.120:3544';

export function teredoAddress(port: number): Ipv6Value {
  return buildTeredoAddress({ server, flags: 0, mapped: { ...mapped, port }, policy })!;
}

/** A traversal of RFC 4380 unless its options say otherwise, with a role that keeps what it is told. */
export class Bench implements TraversalRole {
  readonly errorSource: Ipv6Value = router;
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly counters: Counters = new Counters();
  readonly tests: string[] = [];
  readonly failed: string[] = [];
  readonly traversal: Traversal;

  constructor(options: Partial<TraversalOptions> = {}, random: RandomSource = seededRandom(5)) {
    const parts = {
      gate: new SendGate(this.outputs, policy, this.counters),
      errors: new Icmpv6Errors(this.outputs, this.counters),
      counters: this.counters,
      random,
    };
    this.traversal = new Traversal(this, parts, {
      peerCapacity: 8,
      queueCapacity: 8,
      servicePrefix: 0x20010000,
      extensions: noExtensions,
      restsPeers: false,
      failsWithBudget: false,
      ...options,
    });
  }

  bubbleSource(): Ipv6Value {
    return own;
  }

  sendTest(peer: PeerIndex, burst: number, now: number): void {
    this.tests.push(`${peer} ${burst} ${now}`);
  }

  isLocal(_: PeerIndex, now: number): boolean {
    return now < 600_000;
  }

  attemptFailed(peer: PeerIndex, now: number): void {
    this.failed.push(`${peer} ${now} after ${this.outputs.packets.length} errors`);
  }

  insert(address: Ipv6Value = teredo): PeerIndex {
    return this.traversal.table.insert(address, 'solicited', 0);
  }

  /** A peer that was proven at an endpoint other than the embedded one, and heard at this time. */
  meet(now: number): PeerIndex {
    const peer = this.insert();
    this.traversal.table.trust(peer, elsewhere.address, elsewhere.port);
    this.traversal.hear(peer, now);
    return peer;
  }

  /** Returns true if a datagram from there, at this port of the host, proves a path to the peer. */
  prove(
    peer: PeerIndex,
    from: Ipv4Endpoint & { readonly portId?: number },
    hasNonce: boolean,
    now: Milliseconds = 0,
  ): boolean {
    const run = createDatagramRun(new Uint8Array(0), from.portId);
    run.sourceAddress = from.address;
    run.sourcePort = from.port;
    return this.traversal.prove(peer, run, hasNonce, now);
  }

  /** Returns the destinations of datagrams since the last call. */
  sent(): string[] {
    return this.outputs.takeDatagrams().map((sent) => formatEndpoint(sent));
  }

  /** Handles the deadlines up to a time, and returns the destinations of datagrams by time. */
  runTo(end: number): Record<number, string[]> {
    return handledTo(end, this.traversal, () => this.sent());
  }
}

/** Handles the deadlines up to a time; returns what is taken after each of them, by time. */
export function handledTo(
  end: Milliseconds,
  deadlines: Pick<Traversal, 'nextDeadline' | 'handleDeadline'>,
  take: () => string[],
): Record<number, string[]> {
  const taken: Record<number, string[]> = {};
  for (let at = deadlines.nextDeadline(); at <= end; at = deadlines.nextDeadline()) {
    deadlines.handleDeadline(at);
    taken[at] = take();
  }
  return taken;
}
