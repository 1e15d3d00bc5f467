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
import { raiseOwnPriority } from './own-priority.ts';
import { LinuxRawIpv6Sender } from './sockets/linux-raw-ipv6-sender.ts';
import { LinuxUdpSocket } from './sockets/linux-udp-socket.ts';
import { SharedUdp } from './sockets/shared-udp.ts';
import { LinuxTunDevice } from './tunnel/linux-tun-device.ts';

/** Room for any number of sockets, some tunnel interfaces, raw senders and pollers; the kernel backs only what is touched. */
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

interface Device {
  readonly offloads?: readonly Offload[];
  close(): void;
}

/** The devices on one machine. */
export class LinuxNetio implements Netio {
  readonly #machine: LinuxMachine;
  readonly #open: Set<Device> = new Set();
  /** Undefined before the first socket. */
  #udp: SharedUdp | undefined;

  constructor(machine: LinuxMachine) {
    this.#machine = machine;
  }

  get offloads(): readonly Offload[] {
    return [...new Set([...this.#open].flatMap((device) => device.offloads ?? []))];
  }

  openUdpSocket(options: UdpSocketOptions): UdpSocket {
    this.#udp ??= new SharedUdp(this.#machine);
    const udp = this.#udp;
    return this.#keep((closed) => new LinuxUdpSocket(this.#machine, udp, options, closed));
  }

  openTunDevice(options: TunDeviceOptions): TunDevice {
    return this.#keep((closed) => new LinuxTunDevice(this.#machine, options, closed));
  }

  openRawIpv6Sender(options: RawIpv6SenderOptions): RawIpv6Sender {
    return this.#keep((closed) => new LinuxRawIpv6Sender(this.#machine, options, closed));
  }

  openPoller(devices?: number): Poller {
    return this.#keep((closed) => new LinuxPoller(this.#machine, closed, devices));
  }

  flushSockets(): void {
    this.#udp?.batch.flush();
  }

  raiseOwnPriority(): void {
    raiseOwnPriority(this.#machine);
  }

  close(): void {
    for (const device of [...this.#open]) device.close();
  }

  /** `open` receives the function that its device calls on close. */
  #keep<Kind extends Device>(open: (closed: () => void) => Kind): Kind {
    const device = open(() => void this.#open.delete(device));
    this.#open.add(device);
    return device;
  }
}
