import { type Ipv6Value, readUint32, teredoPort, teredoServicePrefix } from '@navalis/address';
import type { EngineEvent, EngineOutputs, RandomSource, RelayStatus } from '@navalis/engine';
import type { RelayEngine } from '@navalis/relay-core';
import { destinationOffset } from '@navalis/wire';
import { EngineHost } from '../hosts/engine-host.ts';
import { NativeHost } from '../hosts/native-host.ts';
import type { UdpHost } from '../hosts/udp-host.ts';
import type { Ipv6Network } from '../paths/ipv6-network.ts';
import type { PathQuality } from '../paths/path-quality.ts';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** A native host that runs a host-specific relay: what goes to Teredo addresses leaves over its own IPv4. */
export class HostRelayNode extends NativeHost {
  readonly relay: EngineHost<RelayEngine, EngineEvent>;

  constructor(
    udp: UdpHost,
    address: Ipv6Value,
    network: Ipv6Network,
    access: PathQuality,
    clock: VirtualClock,
    random: SimRandom,
    create: (outputs: EngineOutputs, random: RandomSource) => RelayEngine,
  ) {
    super(udp.name, address, network, access, clock, random);
    this.relay = new EngineHost({
      udp,
      clock,
      ports: [{ port: teredoPort }],
      create,
      deliver: (packet) => this.receive(packet),
    });
    this.relay.act((engine, now) => engine.start(now));
  }

  get status(): RelayStatus {
    return this.relay.engine.status();
  }

  protected override transmit(packets: readonly Uint8Array[]): void {
    const isTeredo = (packet: Uint8Array) => readUint32(packet, destinationOffset) === teredoServicePrefix;
    this.relay.take(packets.filter(isTeredo));
    super.transmit(packets.filter((packet) => !isTeredo(packet)));
  }
}
