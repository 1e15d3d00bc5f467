import { Ipv4Policy, parseIpv6Prefix, teredoPort } from '@navalis/address';
import { createClientEngine, createRelayedClientEngine } from '@navalis/client-core';
import type { EngineOutputs, RandomSource } from '@navalis/engine';
import { createRelayEngine, type RelayEngine, type RelayOptions } from '@navalis/relay-core';
import { createServerEngine } from '@navalis/server-core';
import type { UdpHost } from '../hosts/udp-host.ts';
import type { HostOptions, NetworkOptions } from '../node-options.ts';
import { defaultAccess, VirtualNetwork } from '../virtual-network.ts';
import { ClientNode, type ClientNodeParts } from './client-node.ts';
import { HostRelayNode } from './host-relay-node.ts';
import { RelayNode } from './relay-node.ts';
import { ServerNode } from './server-node.ts';
import type { ClientNodeOptions, RelayNodeOptions, ServerNodeOptions } from './teredo-options.ts';
import { TurnNode } from './turn-node.ts';

const globalIpv6 = parseIpv6Prefix('2000::/3')!;

/** A virtual Internet with Teredo: servers, clients and relays that run the real protocol machines. */
export class Internet extends VirtualNetwork {
  /** Judges addresses by the strictest list. */
  readonly policy: Ipv4Policy = new Ipv4Policy({ strictness: 'strict' });

  /** A running Teredo server. */
  server({ options, ...host }: ServerNodeOptions = {}): ServerNode {
    const udp = this.host(this.nameFor(host.name, 'server'), host, 2);
    const [primary, secondary] = [udp.addresses[0]!, udp.addresses[1]!];
    return new ServerNode(udp, this.native, this.clock, (outputs, random) =>
      createServerEngine({ primary, secondary, policy: this.policy, rateLimit: true, ...options }, outputs, random),
    );
  }

  /** A Teredo client, started. */
  client({
    server,
    port,
    options,
    turn,
    portMapping = false,
    follow,
    mark = 0,
    stopped = false,
    ...host
  }: ClientNodeOptions): ClientNode {
    const udp = this.host(this.nameFor(host.name, 'client'), host, 1);
    const servers = server instanceof ServerNode ? [server] : server;
    const create: ClientNodeParts['create'] = (outputs, random, { local }) => {
      const keepsPort = port !== undefined;
      const clientOptions = { servers, local, keepsPort, policy: this.policy, ...options };
      return turn === undefined
        ? createClientEngine(clientOptions, outputs, random)
        : createRelayedClientEngine(clientOptions, turn.options, outputs, random);
    };
    const client = new ClientNode({ udp, port, clock: this.clock, portMapping, follow, mark, create });
    if (!stopped) client.start();
    return client;
  }

  /** A running TURN server. */
  turnServer(options: Omit<HostOptions, 'nat'> = {}): TurnNode {
    return new TurnNode(this.host(this.nameFor(options.name, 'turn-server'), options, 1), this.clock);
  }

  /** A running relay that advertises 2001::/32. */
  relay({ port = teredoPort, options, ...host }: RelayNodeOptions = {}): RelayNode {
    const udp = this.host(this.nameFor(host.name, 'relay'), host, 1);
    const localAddress = this.nativeAddress();
    const servedRanges = [globalIpv6];
    const create = this.#relayEngine(udp, {
      kind: 'relay',
      localAddress,
      servedRanges,
      directBubbles: 'unless-public',
      servicePort: port,
      ...options,
    });
    return new RelayNode({ udp, port, address: localAddress, network: this.native, clock: this.clock, create });
  }

  /** A native host that reaches Teredo clients over its own IPv4. */
  hostRelay(options: HostOptions = {}): HostRelayNode {
    const udp = this.host(this.nameFor(options.name, 'host-relay'), options, 1);
    const localAddress = this.nativeAddress();
    const line = { ...defaultAccess, ...options.access };
    const servedRanges = [{ address: localAddress, length: 128 }];
    const create = this.#relayEngine(udp, { kind: 'host', localAddress, servedRanges });
    return new HostRelayNode({
      udp,
      address: localAddress,
      network: this.native,
      access: line,
      clock: this.clock,
      create,
    });
  }

  #relayEngine(
    { addresses }: UdpHost,
    options: Pick<RelayOptions, 'kind' | 'localAddress' | 'servedRanges' | 'directBubbles'>,
  ): (outputs: EngineOutputs, random: RandomSource) => RelayEngine {
    const common = { ownIpv4Addresses: addresses, policy: this.policy, rateLimit: true };
    return (outputs, random) => createRelayEngine({ ...common, ...options }, outputs, random);
  }
}

/** Creates a virtual Internet with nothing in it yet. */
export function internet(options: NetworkOptions = {}): Internet {
  return new Internet(options);
}
