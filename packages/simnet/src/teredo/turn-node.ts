import type { Ipv4Endpoint } from '@navalis/address';
import type { RelayedOptions } from '@navalis/client-core';
import { FakeTurnServer } from '@navalis/turn/testing';
import type { UdpHost, UdpSocket } from '../hosts/udp-host.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** The port of TURN servers (RFC 8656 section 4). */
const turnPort = 3478;

/** A TURN server on the public Internet, which relays at its own address. */
export class TurnNode {
  readonly server: FakeTurnServer;
  /** How clients find it and log in. */
  readonly options: RelayedOptions;
  readonly #relayed: Map<number, UdpSocket> = new Map();

  constructor(udp: UdpHost, clock: VirtualClock) {
    const socket = udp.socket((payload, from) => this.server.receive(payload, from, clock.now), turnPort);
    const credentials = { username: udp.name, password: 'simnet' };
    this.options = { servers: [{ endpoint: socket.local, transport: 'udp' }], credentials, upgradesPaths: true };
    const open = (relayed: Ipv4Endpoint) =>
      udp.socket((payload, peer) => void this.server.receiveFromPeer(payload, relayed, peer, clock.now), relayed.port);
    this.server = new FakeTurnServer(
      {
        toClient: (payload, client) => socket.send(payload, client),
        toPeer: (payload, relayed, peer) => {
          // Between two allocations nothing leaves the host.
          if (peer.address !== udp.address) this.#relayed.get(relayed.port)?.send(payload, peer);
          else clock.after(0, () => void this.server.receiveFromPeer(payload, peer, relayed, clock.now));
        },
        opened: (relayed) => void this.#relayed.set(relayed.port, open(relayed)),
      },
      { relayAddress: udp.address, credentials },
    );
  }
}
