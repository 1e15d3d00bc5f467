import { noPath, type PathIndex, type Paths } from './paths.ts';
import type { PeerIndex, PeerTable } from './peer-table.ts';

/**
 * Returns the path that packets to the peer take: the one that was proven last, since the peer speaks from where it can be
 * reached now. `noPath` when none was ever proven.
 */
export function chooseDataPath(paths: Paths, peer: PeerIndex): PathIndex {
  let chosen = noPath;
  for (let path = paths.first(peer); path !== noPath; path = paths.next(path)) {
    if (paths.lastProof(path) > paths.lastProof(chosen)) chosen = path;
  }
  return chosen;
}

/** Makes packets to the peer take the chosen path; without one, the peer is trusted no more. */
export function takeDataPath(table: PeerTable, paths: Paths, peer: PeerIndex): void {
  const path = chooseDataPath(paths, peer);
  if (path === noPath) table.distrust(peer);
  else table.trust(peer, paths.address(path), paths.port(path), paths.portId(path));
}
