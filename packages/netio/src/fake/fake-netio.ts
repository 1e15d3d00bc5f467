import type { Ipv4Value } from '@navalis/address';
import { addressInUse, addressNotAvailable, interfaceTaken, noDescriptorLeft } from '../device-errors.ts';
import type { Netio, Offload } from '../netio.ts';
import type { RawIpv6SenderOptions } from '../raw-ipv6-sender.ts';
import type { TunDeviceOptions } from '../tun-device.ts';
import type { UdpSocketOptions } from '../udp-socket.ts';
import { DeviceMemory } from './device-memory.ts';
import { FakePoller } from './fake-poller.ts';
import { FakeRawIpv6Sender } from './fake-raw-ipv6-sender.ts';
import { FakeTunDevice } from './fake-tun-device.ts';
import { FakeUdpSocket } from './fake-udp-socket.ts';

/** Devices in memory, with the rules of one host: a port or an interface's name is given once. */
export class FakeNetio implements Netio {
  readonly offloads: readonly Offload[] = [];
  readonly sockets: FakeUdpSocket[] = [];
  readonly tunnels: FakeTunDevice[] = [];
  readonly senders: FakeRawIpv6Sender[] = [];
  readonly pollers: FakePoller[] = [];
  /** The IPv4 addresses of the host. */
  ownAddresses: readonly Ipv4Value[];
  /** Limits the number of open descriptors. */
  descriptorLimit: number = Number.POSITIVE_INFINITY;
  readonly #socketMemory = new DeviceMemory();
  readonly #openSockets: Set<FakeUdpSocket> = new Set();
  #lastPort = firstFreePort - 1;

  constructor(ownAddresses: readonly Ipv4Value[]) {
    this.ownAddresses = ownAddresses;
  }

  openUdpSocket(options: UdpSocketOptions): FakeUdpSocket {
    const { address } = options;
    if (this.openDescriptors >= this.descriptorLimit) throw noDescriptorLeft();
    if (address !== 0 && !this.ownAddresses.includes(address)) throw addressNotAvailable(address);
    const port = options.port === 0 ? this.#freePort(address) : options.port;
    if (this.#isTaken(address, port)) throw addressInUse(address, port);
    const socket = new FakeUdpSocket({ ...options, port }, this.#freeDescriptor(), this.#socketMemory);
    this.sockets.push(socket);
    this.#openSockets.add(socket);
    return socket;
  }

  openTunDevice(options: TunDeviceOptions): FakeTunDevice {
    if (this.tunnels.some(({ name, closed }) => !closed && name === options.name)) throw interfaceTaken(options.name);
    const tunnel = new FakeTunDevice(options, this.#freeDescriptor());
    this.tunnels.push(tunnel);
    return tunnel;
  }

  openRawIpv6Sender(options: RawIpv6SenderOptions): FakeRawIpv6Sender {
    const sender = new FakeRawIpv6Sender(options);
    this.senders.push(sender);
    return sender;
  }

  openPoller(devices?: number): FakePoller {
    const poller = new FakePoller(devices);
    this.pollers.push(poller);
    return poller;
  }

  flushSockets(): void {
    for (const socket of this.#open()) socket.flush();
  }

  raiseOwnPriority(): void {}

  #open(): Set<FakeUdpSocket> {
    for (const socket of this.#openSockets) if (socket.closed) this.#openSockets.delete(socket);
    return this.#openSockets;
  }

  #isTaken(address: Ipv4Value, port: number): boolean {
    return [...this.#open()].some((other) => overlap(other, { address, port }));
  }

  #freePort(address: Ipv4Value): number {
    do this.#lastPort = this.#lastPort === lastPort ? firstFreePort : this.#lastPort + 1;
    while (this.#isTaken(address, this.#lastPort));
    return this.#lastPort;
  }

  /** Returns the number of descriptors of the open devices. */
  get openDescriptors(): number {
    return this.#takenDescriptors().size + [...this.senders, ...this.pollers].filter(({ closed }) => !closed).length;
  }

  #takenDescriptors(): Set<number> {
    const tunnels = this.tunnels.filter(({ closed }) => !closed);
    return new Set([...this.#open(), ...tunnels].map(({ descriptor }) => descriptor));
  }

  /** Returns the lowest free number, like the kernel. */
  #freeDescriptor(): number {
    const taken = this.#takenDescriptors();
    let descriptor = firstDescriptor;
    while (taken.has(descriptor)) descriptor++;
    return descriptor;
  }

  close(): void {
    for (const device of [...this.sockets, ...this.tunnels, ...this.senders, ...this.pollers]) device.close();
  }
}

const firstDescriptor = 100;
const firstFreePort = 49_152;
const lastPort = 65_535;

interface Bound {
  readonly address: Ipv4Value;
  readonly port: number;
}

function overlap(a: Bound, b: Bound): boolean {
  return a.port === b.port && (a.address === 0 || b.address === 0 || a.address === b.address);
}
