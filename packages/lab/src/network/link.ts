import { run } from '../command.ts';
import type { Namespace } from './namespace.ts';

export interface LinkEnd {
  readonly namespace: Namespace;
  /** Interface name, at most 15 characters. */
  readonly interface: string;
}

/** `super-segments`: up to 64 KiB cross at once. `single-packets`: each by itself, as on a real wire. */
export type Carriage = 'super-segments' | 'single-packets';

/** A cable between two machines. Both ends are made inside their namespaces: the machine's own scope sees nothing. */
export function connect(one: LinkEnd, other: LinkEnd, carriage: Carriage): void {
  const end = [one.interface, 'netns', one.namespace.name, 'type', 'veth'];
  const peer = ['peer', 'name', other.interface, 'netns', other.namespace.name];
  run('ip', ['link', 'add', ...end, ...peer]);
  for (const { namespace, interface: name } of [one, other]) {
    if (carriage === 'single-packets')
      namespace.run('ethtool', ['-K', name, ...offloads.flatMap((each) => [each, 'off'])]);
    namespace.ip(`link set ${name} up`);
  }
}

/** Features that let a network card, or a cable without one, accept more than one packet at a time. */
const offloads = ['tso', 'gso', 'gro', 'tx-udp-segmentation'];

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
export function plugIn(end: LinkEnd, core: Namespace, bridge: string, carriage: Carriage): void {
  const port = end.namespace.label;
  connect(end, { namespace: core, interface: port }, carriage);
  core.ip(`link set ${port} master ${bridge}`);
}
