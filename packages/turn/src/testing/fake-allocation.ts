import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';

const permissionMs = 300_000;
const channelMs = 600_000;

/** An allocation of the fake server, with what its client may do. */
export class FakeAllocation {
  readonly client: Ipv4Endpoint;
  readonly relayed: Ipv4Endpoint;
  expiresAt: Milliseconds;
  /** When permissions end, by address. */
  readonly permissions: Map<Ipv4Value, Milliseconds> = new Map();
  readonly channels: Map<number, { readonly peer: Ipv4Endpoint; expiresAt: Milliseconds }> = new Map();

  constructor(client: Ipv4Endpoint, relayed: Ipv4Endpoint, expiresAt: Milliseconds) {
    this.client = client;
    this.relayed = relayed;
    this.expiresAt = expiresAt;
  }

  permit(address: Ipv4Value, now: Milliseconds): void {
    this.permissions.set(address, now + permissionMs);
  }

  permits(address: Ipv4Value, now: Milliseconds): boolean {
    return (this.permissions.get(address) ?? 0) > now;
  }

  /** Binds or renews a channel; false where number or peer belong to another one (RFC 8656 section 12.2). */
  bind(channel: number, peer: Ipv4Endpoint, now: Milliseconds): boolean {
    for (const [number, bound] of this.channels) {
      const isSamePeer = bound.peer.address === peer.address && bound.peer.port === peer.port;
      if (bound.expiresAt > now && isSamePeer !== (number === channel)) return false;
    }
    this.channels.set(channel, { peer, expiresAt: now + channelMs });
    this.permit(peer.address, now);
    return true;
  }

  peerOf(channel: number, now: Milliseconds): Ipv4Endpoint | undefined {
    const bound = this.channels.get(channel);
    return bound !== undefined && bound.expiresAt > now ? bound.peer : undefined;
  }

  channelOf(peer: Ipv4Endpoint, now: Milliseconds): number | undefined {
    for (const [number, bound] of this.channels) {
      if (bound.expiresAt > now && bound.peer.address === peer.address && bound.peer.port === peer.port) return number;
    }
    return undefined;
  }
}
