import type { HostAddresses } from '../host/host-addresses.ts';

/** How often the host's addresses are looked at. A look costs two small reads and leaves no process behind. */
const intervalMs = 1_000;

/** Calls `changed` when the host's addresses differ from those before; the program's own interface does not count. */
export function watchHost(
  read: () => HostAddresses,
  ownInterface: string | undefined,
  changed: (host: HostAddresses) => void,
): () => void {
  const look = (): { host: HostAddresses; key: string } => {
    const host = withoutInterface(read(), ownInterface);
    return { host, key: JSON.stringify(host) };
  };
  let last = look().key;
  const timer = setInterval(() => {
    const { host, key } = look();
    if (key === last) return;
    last = key;
    changed(host);
  }, intervalMs);
  return () => clearInterval(timer);
}

function withoutInterface(host: HostAddresses, name: string | undefined): HostAddresses {
  return {
    ...host,
    ipv4: host.ipv4.filter((entry) => entry.interfaceName !== name),
    ipv6: host.ipv6.filter((entry) => entry.interfaceName !== name),
  };
}
