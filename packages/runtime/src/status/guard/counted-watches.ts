import type { PeerAccess } from '../../peers/peer-access.ts';
import { mostWatches } from '../../peers/peer-watch.ts';

/** Counts the watches that go on. */
export class CountedWatches {
  #count = 0;

  get isFull(): boolean {
    return this.#count >= mostWatches;
  }

  /** Returns an access whose watches count until they end. */
  over(access: Pick<PeerAccess, 'watchPeer'>): Pick<PeerAccess, 'watchPeer'> {
    return {
      watchPeer: (request, watcher) => {
        this.#count += 1;
        let isOver = false;
        const end = access.watchPeer(request, watcher);
        return () => {
          if (isOver) return;
          isOver = true;
          this.#count -= 1;
          end();
        };
      },
    };
  }
}
