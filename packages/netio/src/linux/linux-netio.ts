import { Arena } from '../kernel/arena.ts';
import { openKernel } from '../kernel/system-calls.ts';
import type { Netio, Offload } from '../netio.ts';
import { createPacketLoops } from '../packet-loops/packet-loops.ts';
import type { Poller } from '../poller.ts';
import type { RawIpv6Sender, RawIpv6SenderOptions } from '../raw-ipv6-sender.ts';
import type { TunDevice, TunDeviceOptions } from '../tun-device.ts';
import type { UdpSocket, UdpSocketOptions } from '../udp-socket.ts';
import type { LinuxMachine } from './linux-machine.ts';
import { LinuxPoller } from './linux-poller.ts';
import { LinuxRawIpv6Sender } from './linux-raw-ipv6-sender.ts';
import { LinuxTunDevice } from './linux-tun-device.ts';
import { LinuxUdpSocket } from './linux-udp-socket.ts';
import { raiseOwnPriority } from './own-priority.ts';

/** Room for two sockets, a tunnel interface and a raw sender; the kernel backs only what is touched. */
const arenaOctets = 32 * 1024 * 1024;

export interface NetioOptions {
  /** Whether to use the offloads that the kernel offers. */
  readonly offload: boolean;
}

/** The kernel's devices. Throws `machine-not-supported` or `ffi-not-loadable`. */
export function openLinuxNetio({ offload }: NetioOptions): Netio {
  const { calls, koffi } = openKernel();
  const arena = new Arena(koffi, arenaOctets);
  const loops = createPacketLoops(arena.memory);
  return new LinuxNetio({ calls, arena, loops, offload, scratch: arena.allocate(64) });
}

class LinuxNetio implements Netio {
  readonly #machine: LinuxMachine;
  readonly #opened: { readonly offloads?: readonly Offload[]; close(): void }[] = [];

  constructor(machine: LinuxMachine) {
    this.#machine = machine;
  }

  get offloads(): readonly Offload[] {
    return [...new Set(this.#opened.flatMap((device) => device.offloads ?? []))];
  }

  openUdpSocket(options: UdpSocketOptions): UdpSocket {
    return this.#keep(new LinuxUdpSocket(this.#machine, options));
  }

  openTunDevice(options: TunDeviceOptions): TunDevice {
    return this.#keep(new LinuxTunDevice(this.#machine, options));
  }

  openRawIpv6Sender(options: RawIpv6SenderOptions): RawIpv6Sender {
    return this.#keep(new LinuxRawIpv6Sender(this.#machine, options));
  }

  openPoller(): Poller {
    return this.#keep(new LinuxPoller(this.#machine));
  }

  raiseOwnPriority(): void {
    raiseOwnPriority(this.#machine);
  }

  close(): void {
    for (const device of this.#opened.splice(0)) device.close();
  }

  #keep<Device extends { readonly offloads?: readonly Offload[]; close(): void }>(device: Device): Device {
    this.#opened.push(device);
    return device;
  }
}
