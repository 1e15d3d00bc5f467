import type { Ipv6Value } from '@navalis/address';
import type { ClientEngine } from '@navalis/client-core';
import type { ClientStatus, EngineEvent, EngineOutputs, Milliseconds, RandomSource } from '@navalis/engine';
import { EngineHost, type EngineOwner, type TimedEvent } from '../hosts/engine-host.ts';
import { Ipv6Host } from '../hosts/ipv6-host.ts';
import type { UdpHost, UdpSocket } from '../hosts/udp-host.ts';
import type { Realm } from '../paths/realm.ts';
import type { VirtualClock } from '../virtual-clock.ts';

type FollowEvent = (event: EngineEvent, mark: number) => void;

/** The parts of a client node. Without a port it takes a random one. */
export interface ClientNodeParts {
  readonly udp: UdpHost;
  readonly port: number | undefined;
  readonly clock: VirtualClock;
  /** Whether it asks the NAT in front for a mapping. */
  readonly portMapping: boolean;
  /** Takes the client's events, which are not kept then. */
  readonly follow: FollowEvent | undefined;
  readonly mark: number;
  readonly create: (outputs: EngineOutputs, random: RandomSource, service: UdpSocket) => ClientEngine;
}

/** A host whose only IPv6 is a Teredo client. */
export class ClientNode extends Ipv6Host implements EngineOwner<EngineEvent> {
  readonly #followEvent: FollowEvent | undefined;
  readonly #mark: number;
  readonly host: EngineHost<ClientEngine, EngineEvent>;
  readonly #portMapping: boolean;
  /** Ends the last mapping that a NAT was asked for. */
  #unmapPort: (() => void) | undefined;

  constructor({ udp, port, clock, portMapping, follow, mark, create }: ClientNodeParts) {
    super(udp.name, clock, udp.random);
    this.#portMapping = portMapping;
    this.#followEvent = follow;
    this.#mark = mark;
    this.host = new EngineHost({
      udp,
      clock,
      ports: [port === undefined ? {} : { port }],
      create,
      owner: this,
    });
  }

  get forgetsEvents(): boolean {
    return this.#followEvent !== undefined;
  }

  /** True if somebody waits for events. */
  get followsEvents(): boolean {
    return this.#portMapping || this.#followEvent !== undefined;
  }

  get address(): Ipv6Value | undefined {
    return this.host.engine.address;
  }

  get status(): ClientStatus {
    return this.host.engine.status();
  }

  get isQualified(): boolean {
    return this.status.state === 'qualified';
  }

  /** All that the engine reported. */
  get events(): readonly TimedEvent<EngineEvent>[] {
    return this.host.events;
  }

  start(): void {
    this.#mapPort();
    this.host.act((engine, now) => engine.start(now));
  }

  stop(): void {
    this.host.act((engine, now) => engine.stop(now));
    this.#unmapPort?.();
  }

  /** Suspends the host, then tells the client that it slept, as the data plane does. */
  suspend(durationMs: Milliseconds): void {
    this.host.pause();
    this.clock.after(durationMs, () => {
      this.host.unpause();
      this.host.act((engine, now) => engine.resumed(durationMs, now));
    });
  }

  /** Gets another address in a realm, such as the inside of another NAT, and notices it, as the control plane does. */
  moveTo(realm: Realm): void {
    this.host.udp.move(realm, realm.allocate());
    this.#mapPort();
    this.host.act((engine, now) => engine.networkChanged(now, this.host.service.local.address));
  }

  deliver(packet: Uint8Array): void {
    this.receive(packet);
  }

  protected transmit(packets: readonly Uint8Array[]): void {
    if (this.host.udp.isUp) this.host.take(packets);
  }

  /** As the control plane does: another service port needs another mapping. */
  follow(event: EngineEvent): void {
    if (event.kind === 'port-changed') this.#mapPort();
    this.#followEvent?.(event, this.#mark);
  }

  #mapPort(): void {
    if (!this.#portMapping) return;
    this.#unmapPort?.();
    const { local } = this.host.service;
    const { portMapper } = this.host.udp.realm;
    const mapped = portMapper?.addPortMapping(local, local.port);
    this.#unmapPort = () => portMapper?.deletePortMapping(local.port);
    this.host.act((engine, now) => engine.portMapped(mapped, now));
  }
}
