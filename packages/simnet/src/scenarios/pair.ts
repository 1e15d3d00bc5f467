import { ipv6EqualsAt } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { type NatKind, symmetricNatKinds } from '@navalis/nat';
import { allExtensions, type Extensions } from '@navalis/traversal';
import { icmpv6TypeOf, isIcmpv6, sourceOffset } from '@navalis/wire';
import type { Transfer } from '../hosts/transfer.ts';
import type { ClientNode } from '../teredo/client-node.ts';
import { type Internet, internet } from '../teredo/internet.ts';

/** The circumstances of a pair. */
export interface PairConditions {
  readonly seed: number;
  /** The share of what crosses the Internet that gets lost, each way; none by default. */
  readonly loss?: number;
  /** The extensions of both clients; all by default. With any, clients ask their NATs for mappings too. */
  readonly extensions?: Extensions;
  /** Whether clients behind symmetric NATs use a TURN server; false by default. */
  readonly turn?: boolean;
}

/** Two clients behind NATs of these kinds, each with a server of its own. */
export interface Pair {
  readonly net: Internet;
  readonly alice: ClientNode;
  readonly bob: ClientNode;
  /** How long both may take to know whether they get an address. */
  readonly qualificationMs: Milliseconds;
  /** How long it may take until the first request is answered or fails. */
  readonly attemptMs: Milliseconds;
}

export function pairOf(
  from: NatKind,
  to: NatKind,
  { seed, loss = 0, extensions = allExtensions, turn = false }: PairConditions,
): Pair {
  const net = internet({ seed, core: { loss } });
  const turnServer = turn ? net.turnServer({ name: turnName }) : undefined;
  const client = (name: string, nat: NatKind) => {
    const isRelayed = turnServer !== undefined && symmetricNatKinds.includes(nat);
    const place = isRelayed ? { turn: turnServer } : { portMapping: extensions.symmetricNatSupport };
    return net.client({ name, nat, server: net.server(), options: { extensions }, ...place });
  };
  const [alice, bob] = [client('alice', from), client('bob', to)];
  const limits =
    loss === 0
      ? { qualificationMs, attemptMs: longestAttemptMs }
      : { qualificationMs: lossyQualificationMs, attemptMs: longestLossyAttemptsMs };
  return { net, alice, bob, ...limits };
}

/**
 * How a pair fared. Times run from the first packet: to an answer, or until the sender is told that its first attempt failed. Or
 * which side is off-line.
 */
export type PairOutcome =
  | {
      readonly kind: 'connected';
      readonly contactMs: Milliseconds;
      readonly failedMs: Milliseconds | undefined;
      /** Whether data still passed a TURN server at the end. */
      readonly isRelayed: boolean;
    }
  | { readonly kind: 'failed'; readonly failedMs: Milliseconds }
  /** Neither an answer nor an error, or data that never arrives: what must not be (DD-34). */
  | { readonly kind: 'hung' }
  | { readonly kind: 'off-line'; readonly side: 'first' | 'second' | 'both' };

/** An attempt ends after 8 s (XC-14), or 3 s later with the tests of a sequential NAT (SPS-19). */
const longestAttemptMs = 11_000;
/** Where packets get lost, the requests or answers that follow a successful attempt may be lost, too, and another one follows. */
const longestLossyAttemptsMs = 2 * longestAttemptMs;
/** ICMPv6 types below are errors. */
const firstInformationalType = 128;

const turnName = 'turn';
/** No bubble and no message of TURN itself is as long. */
const dataOctets = 1000;

const longestTransferMs = 60_000;
const qualificationMs = 24_000;
const lossyQualificationMs = 1_800_000;

/**
 * Lets both qualify, exchanges an echo and sends 20,000 octets each way. When the first attempt failed, further requests leave
 * each second for `patienceMs`.
 * @throws Error when both do not know in time whether they get an address, when content changes on its way, or when a host receives
 * a packet that is not from the other one.
 */
export function connect(
  { net, alice, bob, qualificationMs, attemptMs }: Pair,
  patienceMs: Milliseconds = 0,
): PairOutcome {
  const hasDecided = ({ isQualified, status }: ClientNode) => isQualified || status.offlineReason === 'symmetric';
  net.until('both know where they stand', () => hasDecided(alice) && hasDecided(bob), qualificationMs);
  if (!alice.isQualified || !bob.isQualified) {
    const side = bob.isQualified ? 'first' : alice.isQualified ? 'second' : 'both';
    return { kind: 'off-line', side };
  }
  const misdelivered = [watch(alice, bob), watch(bob, alice)];
  const ping = alice.ping(bob, 1000);
  const isAnswered = () => ping.answeredAt !== undefined;
  const end = net.now + attemptMs;
  while (!isAnswered() && alice.errors.length === 0 && net.clock.step(end));
  if (!isAnswered() && alice.errors.length === 0) return { kind: 'hung' };
  const failedMs = isAnswered() ? undefined : alice.errors[0]!.at - ping.startedAt;
  const patientUntil = net.now + patienceMs;
  while (!isAnswered() && net.now < patientUntil) net.run(1000);
  if (!isAnswered()) return { kind: 'failed', failedMs: failedMs! };
  let isRelayed = false;
  net.public.observers.push(({ payload }, from) => {
    if (from.name === turnName && payload.length >= dataOctets) isRelayed = true;
  });
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    isRelayed = false;
    const transfer = carry(net, from, to, longestTransferMs + patienceMs);
    if (transfer === undefined) return { kind: 'hung' };
    if (!transfer.isIntact) throw new Error('The content has changed on its way.');
  }
  if (misdelivered.some((count) => count() > 0)) throw new Error('A packet came from elsewhere.');
  return { kind: 'connected', contactMs: ping.answeredAt! - ping.startedAt, failedMs, isRelayed };
}

/** Returns a transfer that is complete in time; another one begins when one of the addresses changed meanwhile. */
function carry(net: Internet, from: ClientNode, to: ClientNode, withinMs: Milliseconds): Transfer | undefined {
  const end = net.now + withinMs;
  while (net.now < end) {
    const addresses = () => `${JSON.stringify(from.address)} ${JSON.stringify(to.address)}`;
    const [transfer, before] = [from.transfer(to, 20_000), addresses()];
    while (transfer.completedAt === undefined && addresses() === before && net.clock.step(end));
    if (transfer.completedAt !== undefined) return transfer;
    net.run(Math.min(1000, end - net.now));
  }
  return undefined;
}

/** Counts what the host receives from somebody else than its peer, but for errors that its own client makes. */
function watch(host: ClientNode, peer: ClientNode): () => number {
  const received: Uint8Array[] = [];
  host.observers.push((packet) => {
    if (!isIcmpv6(packet, 0) || icmpv6TypeOf(packet, 0) >= firstInformationalType) received.push(packet);
  });
  return () => {
    const known = [...host.events, ...peer.events].flatMap((event) =>
      event.kind === 'address-assigned' ? [event.address] : [],
    );
    return received.filter((packet) => !known.some((address) => ipv6EqualsAt(packet, sourceOffset, address))).length;
  };
}
