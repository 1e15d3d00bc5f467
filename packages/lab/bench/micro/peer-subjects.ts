import { seededRandom } from '@navalis/engine/testing';
import { noPeer, PeerTable } from '@navalis/traversal';
import type { Subject } from './subject.ts';

const lookUps = 10_000;

/** Finding one of many peers, in an order that defeats caches. */
export function peerSubjects(): readonly Subject[] {
  return [1_000, 100_000].map((peers) => {
    const table = new PeerTable({ capacity: peers }, seededRandom(2));
    for (let index = 0; index < peers; index++)
      table.insert({ word0: 0x20010000, word1: 1, word2: index, word3: ~index >>> 0 }, 'solicited', 0);
    const order = Uint32Array.from({ length: lookUps }, (_, index) => Math.imul(index, 2_654_435_761) >>> 0).map(
      (each) => each % peers,
    );
    return {
      name: `peer look-up among ${peers}`,
      operations: lookUps,
      run: () => {
        let found = 0;
        for (let index = 0; index < lookUps; index++) {
          const word = order[index]!;
          if (table.find({ word0: 0x20010000, word1: 1, word2: word, word3: ~word >>> 0 }) !== noPeer) found++;
        }
        return found;
      },
      isRight: (found) => found === lookUps,
    };
  });
}
