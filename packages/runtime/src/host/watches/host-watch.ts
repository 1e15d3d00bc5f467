import { type HostAddresses, withoutInterface } from '@navalis/life';
import type { Time } from '../../scheduling/time.ts';
import type { IpMonitor } from '../commands/ip-monitor.ts';

/** Interval of the checks while changes are not announced. A check costs a few small reads. */
const lookMs = 1_000;

/** The number of checks skipped while changes are announced. */
const spared = 9;

/** The sources of a host watch. */
export interface HostWatchParts {
  readonly time: Pick<Time, 'every'>;
  readonly read: () => HostAddresses;
  /** The program's own interface, whose changes do not count. */
  readonly ownInterface: string | undefined;
  /** The state of the host to compare the first check with. */
  readonly before: HostAddresses;
  /** Starts a monitor that calls `woken` when the kernel announces a change. */
  readonly monitor: (woken: () => void) => IpMonitor;
}

/**
 * Calls `changed` when the host's addresses or routes differ from the last check. All roles share this watch: it checks when
 * the kernel announces a change and, less often, periodically. Returns a function that ends it.
 */
export function watchHost(parts: HostWatchParts, changed: (host: HostAddresses) => void): () => void {
  const { time, read, ownInterface, before, monitor } = parts;
  let last = JSON.stringify(withoutInterface(before, ownInterface));
  let sparedLooks = 0;
  const look = () => {
    sparedLooks = 0;
    const host = withoutInterface(read(), ownInterface);
    const key = JSON.stringify(host);
    if (key === last) return;
    last = key;
    changed(host);
  };
  const listener = monitor(look);
  const endLooks = time.every(lookMs, () => {
    if (listener.isListening && sparedLooks < spared) sparedLooks += 1;
    else look();
  });
  return () => {
    endLooks();
    listener.end();
  };
}
