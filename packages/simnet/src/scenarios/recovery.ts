import { ipv6Equals } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { Nat } from '../nat/nat.ts';
import type { ClientNode } from '../teredo/client-node.ts';
import { type Internet, internet } from '../teredo/internet.ts';
import type { ServerNode } from '../teredo/server-node.ts';
import { Pings } from './pings.ts';

/** A connection that works, and what may be broken about it. */
interface Scene {
  readonly net: Internet;
  readonly nat: Nat;
  readonly alice: ClientNode;
  readonly servers: readonly [ServerNode, ServerNode];
}

/** `address change alone`: the NAT holds its mappings to an outer address that is gone. */
export type Interruption = 'NAT reboot' | 'address change' | 'address change alone' | 'server death' | 'suspension';

export const interruptions: readonly Interruption[] = [
  'NAT reboot',
  'address change',
  'address change alone',
  'server death',
  'suspension',
];

const suspensionMs = 600_000;

export interface Recovery {
  /** From the end of the interruption until Alice has a new address. */
  readonly addressMs: Milliseconds;
  /** Until an echo request of Alice's, sent from the new address, is answered. */
  readonly outboundMs: Milliseconds;
  /** Until Alice answers one of Bob's, sent to the new address. */
  readonly inboundMs: Milliseconds;
  /** The longest time in which neither got an answer. */
  readonly outageMs: Milliseconds;
}

/**
 * Interrupts a working connection between Alice, who has two servers, and Bob, and waits until it works again both ways with
 * nobody's help. Each pings the other every second all the time; Bob knows Alice's address of the moment. The seed moves
 * the interruption within the refresh interval.
 * @throws Error when it does not work again within 10 minutes.
 */
export function recoverFrom(interruption: Interruption, seed: number): Recovery {
  const net = internet({ seed });
  const nat = net.nat('port-restricted');
  const servers = [net.server(), net.server()] as const;
  const alice = net.client({ name: 'alice', nat, server: servers });
  const bob = net.client({ name: 'bob', nat: 'port-restricted', server: net.server() });
  net.until('both have an address', () => alice.isQualified && bob.isQualified);
  const [outbound, inbound] = [new Pings(net, alice, bob), new Pings(net, bob, alice)];
  net.until('the connection works', () => outbound.isAnsweredSince(0) && inbound.isAnsweredSince(0));
  net.run(120_000 + (seed % 30) * 1000);
  const before = alice.address!;

  interrupt(interruption, { net, nat, alice, servers });
  const start = net.now;
  const withinMs = 600_000;
  const hasNewAddress = () => alice.address !== undefined && !ipv6Equals(alice.address, before);
  const addressMs = net.until('Alice has a new address', hasNewAddress, withinMs);
  const since = net.now;
  const answered = (pings: Pings) =>
    net.until('the connection works again', () => pings.isAnsweredSince(since), withinMs);
  answered(outbound);
  answered(inbound);
  return {
    addressMs,
    outboundMs: outbound.firstAnswerSince(since) - start,
    inboundMs: inbound.firstAnswerSince(since) - start,
    outageMs: Math.max(...[outbound, inbound].map((pings) => pings.longestGapMs(start))),
  };
}

function interrupt(interruption: Interruption, { net, nat, alice, servers }: Scene): void {
  switch (interruption) {
    case 'NAT reboot':
      nat.reboot();
      break;
    case 'address change':
      nat.changeAddress();
      break;
    case 'address change alone':
      nat.changeAddressOnly();
      break;
    case 'server death':
      servers[0].stop();
      break;
    case 'suspension':
      alice.suspend(suspensionMs);
      net.run(suspensionMs);
      break;
  }
}
