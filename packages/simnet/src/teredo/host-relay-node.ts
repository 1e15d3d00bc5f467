import { readUint32, teredoPort, teredoServicePrefix } from '@navalis/address';
import type { EngineEvent, EngineOutputs, RandomSource, RelayStatus } from '@navalis/engine';
import type { RelayEngine } from '@navalis/relay-core';
import { destinationOffset } from '@navalis/wire';
import { EngineHost } from '../hosts/engine-host.ts';
import { NativeHost, type NativeHostParts } from '../hosts/native-host.ts';
import type { UdpHost } from '../hosts/udp-host.ts';

/** The parts of a native host with a host-specific relay, which has the host's name and random source. */
export interface HostRelayNodeParts extends Omit<NativeHostParts, 'name' | 'random'> {
  readonly udp: UdpHost;
  readonly create: (outputs: EngineOutputs, random: RandomSource) => RelayEngine;
}

/** A native host that runs a host-specific relay: what goes to Teredo addresses leaves over its own IPv4. */
export class HostRelayNode extends NativeHost {
  readonly relay: EngineHost<RelayEngine, EngineEvent>;

  constructor({ udp, create, ...native }: HostRelayNodeParts) {
    super({ ...native, name: udp.name, random: udp.random });
    const { clock } = native;
    this.relay = new EngineHost({
      udp,
      clock,
      ports: [{ port: teredoPort }],
      create,
      owner: { deliver: (packet) => this.receive(packet) },
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
