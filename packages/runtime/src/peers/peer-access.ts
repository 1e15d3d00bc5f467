import type { DataPlaneHandle } from '../worker/data-plane-handle.ts';

/** The way to the peers of a running data plane. */
export type PeerAccess = Pick<DataPlaneHandle, 'peers' | 'watchPeer'>;
