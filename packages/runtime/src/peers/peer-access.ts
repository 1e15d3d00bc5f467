import type { Ipv6Value } from '@navalis/address';
import type { DataPlaneHandle } from '../worker/data-plane-handle.ts';

/** The way to the peers of a running data plane. */
export interface PeerAccess extends Pick<DataPlaneHandle, 'peers' | 'watchPeer'> {
  /** Resolves with a sentence on a peer that can send no reply to a ping from this source; absent where every peer can. */
  refusePing?(peer: Ipv6Value, source: Ipv6Value): Promise<string | undefined>;
}
