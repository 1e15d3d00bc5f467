import { noPath, type PathIndex, type Paths } from './paths.ts';
import type { PeerIndex } from './peer-table.ts';

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
