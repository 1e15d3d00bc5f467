import { run } from './command.ts';
import type { Namespace } from './namespace.ts';

export interface LinkEnd {
  readonly namespace: Namespace;
  /** Interface name, at most 15 characters. */
  readonly interface: string;
}

/** A cable between two machines. Both ends are made inside their namespaces: the machine's own scope sees nothing. */
export function connect(one: LinkEnd, other: LinkEnd): void {
  const end = [one.interface, 'netns', one.namespace.name, 'type', 'veth'];
  const peer = ['peer', 'name', other.interface, 'netns', other.namespace.name];
  run('ip', ['link', 'add', ...end, ...peer]);
  one.namespace.ip(`link set ${one.interface} up`);
  other.namespace.ip(`link set ${other.interface} up`);
}

/** Without one of its own, a bridge would change its link-layer address whenever a machine is plugged in. */
const bridgeLinkAddress = '02:00:5e:00:53:01';

/** A switch in `namespace` that is at the same time that machine's own port on it. */
export function createBridge(namespace: Namespace, name: string, addresses: readonly string[]): void {
  namespace.ip(
    `link add ${name} address ${bridgeLinkAddress} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...addresses.map((address) => `addr add ${address} dev ${name}`),
    `link set ${name} up`,
  );
}

/** A cable from a machine into a bridge of `core`; the bridge's port is called after the machine. */
export function plugIn(end: LinkEnd, core: Namespace, bridge: string): void {
  const port = end.namespace.label;
  connect(end, { namespace: core, interface: port });
  core.ip(`link set ${port} master ${bridge}`);
}
