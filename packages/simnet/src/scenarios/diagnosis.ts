import { type Ipv4Endpoint, Ipv4Policy, type Ipv6Value } from '@navalis/address';
import type { NatKind } from '@navalis/nat';
import { NatProbe, socketsNeeded } from '@navalis/nat-probe';
import type { UdpSocket } from '../hosts/udp-host.ts';
import type { NatOptions } from '../node-options.ts';
import type { Internet } from '../teredo/internet.ts';
import type { ServerNode } from '../teredo/server-node.ts';

export interface ProbeScene {
  readonly lifetimeLimitSeconds?: number;
  /** A server of the Internet's own by default. */
  readonly server?: Pick<ServerNode, 'primary' | 'secondary'>;
  /** Sent an echo; none by default. */
  readonly target?: Ipv6Value;
  /** Returns true for datagrams of the host that are sent at all. */
  readonly lets?: (payload: Uint8Array, to: Ipv4Endpoint, stage: string) => boolean;
}

/** Runs a probe on a host of the virtual Internet. */
export function probe(net: Internet, nat: NatKind | NatOptions | undefined, scene: ProbeScene = {}): NatProbe {
  const { lifetimeLimitSeconds = 0, server = net.server(), target, lets } = scene;
  const host = net.udpHost(nat === undefined ? {} : { nat });
  const sockets: UdpSocket[] = [];
  for (let index = 0; index < socketsNeeded(lifetimeLimitSeconds); index++) {
    sockets.push(host.socket((payload, from) => natProbe.handleDatagram(index, payload, from, net.clock.now)));
  }
  const natProbe = new NatProbe(
    {
      primary: server.primary,
      secondary: server.secondary,
      policy: new Ipv4Policy({ strictness: 'rfc4380' }),
      locals: sockets.map(({ local }) => local),
      nativeTarget: target,
      lifetimeLimitSeconds,
    },
    {
      send: (socket, payload, to) => {
        if (lets?.(payload, to, natProbe.stage) !== false) sockets[socket]?.send(payload.slice(), to);
      },
      stageDone: () => undefined,
      random: host.random,
    },
  );
  natProbe.start(net.clock.now);
  while (!natProbe.isDone) {
    const now = net.clock.now;
    net.run(Math.max(1, Math.min(natProbe.nextDeadline() - now, 50)));
    natProbe.handleDeadline(net.clock.now);
    if (net.clock.now > 2_000_000) throw new Error(`stuck in ${natProbe.stage}`);
  }
  return natProbe;
}
