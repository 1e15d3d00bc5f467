import { type HostAddresses, withoutInterface } from '@navalis/life';
import { type IpMonitor, monitorHost, noMonitor } from '../commands/ip-monitor.ts';

/** How often the host is looked at while nobody announces changes. A look costs a few small reads. */
const lookMs = 1_000;

/** How many of these looks are left out while changes are announced. */
const spared = 9;

/**
 * Calls `changed` when the host's addresses or routes differ from `before`; the program's own interface does not count. The
 * one watch for all roles: it looks when the kernel announces something, and by itself, less often, in case it does not.
 * Answers how to end it.
 */
export function watchHost(
  read: () => HostAddresses,
  ownInterface: string | undefined,
  changed: (host: HostAddresses) => void,
  before: HostAddresses = read(),
  monitor: (changed: () => void) => IpMonitor = ownInterface === undefined ? () => noMonitor : monitorHost,
): () => void {
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
  const timer = setInterval(() => {
    if (listener.isListening && sparedLooks < spared) sparedLooks += 1;
    else look();
  }, lookMs);
  return () => {
    clearInterval(timer);
    listener.end();
  };
}
