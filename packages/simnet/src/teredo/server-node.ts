import { teredoPort } from '@navalis/address';
import type { Engine, EngineEvent, EngineLife, EngineOutputs, RandomSource, ServerStatus } from '@navalis/engine';
import { EngineHost } from '../hosts/engine-host.ts';
import type { UdpHost } from '../hosts/udp-host.ts';
import type { Ipv6Network, Ipv6Node } from '../paths/ipv6-network.ts';
import type { PathQuality } from '../paths/path-quality.ts';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** A Teredo server on two public addresses, with a way out to the IPv6 Internet. */
export class ServerNode implements Ipv6Node {
  readonly name: string;
  readonly primary: number;
  readonly secondary: number;
  readonly access: PathQuality;
  readonly random: SimRandom;
  readonly host: EngineHost<Engine & EngineLife<ServerStatus>, EngineEvent>;

  constructor(
    udp: UdpHost,
    network: Ipv6Network,
    clock: VirtualClock,
    create: (outputs: EngineOutputs, random: RandomSource) => Engine & EngineLife<ServerStatus>,
  ) {
    this.name = udp.name;
    this.primary = udp.addresses[0]!;
    this.secondary = udp.addresses[1]!;
    this.access = udp.access;
    this.random = udp.random;
    this.host = new EngineHost({
      udp,
      clock,
      ports: [{ port: teredoPort }, { port: teredoPort, address: this.secondary }],
      create,
      owner: { deliver: (packet) => network.send(packet, this) },
    });
    this.host.act((engine, now) => engine.start(now));
  }

  get isUp(): boolean {
    return this.host.udp.isUp;
  }

  get status(): ServerStatus {
    return this.host.engine.status();
  }

  /** A server takes nothing from the IPv6 Internet. */
  receiveNative(): void {}

  /** Loses this share of what is sent to it, and of what it sends over IPv4. */
  suffer(loss: number): void {
    this.host.udp.access = { ...this.host.udp.access, loss };
  }

  /** Stops without notice. */
  stop(): void {
    this.host.pause();
  }

  /** Starts again. */
  restart(): void {
    this.host.unpause();
  }
}
