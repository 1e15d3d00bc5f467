import { readdirSync } from 'node:fs';
import { NavalisError } from '@navalis/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceDropCounts } from '../../src/drop-sink.ts';
import { type Netio, openLinuxNetio } from '../../src/index.ts';
import { Arena } from '../../src/kernel/arena.ts';
import { openKernel } from '../../src/kernel/system-calls.ts';
import { openTunnelInterface } from '../../src/linux/tunnel/open-tunnel-interface.ts';
import { createPacketLoops } from '../../src/packet-loops/packet-loops.ts';
import { errorOf } from '../errors.ts';
import { ip } from './own-network.ts';
import { withoutCapabilities } from './test-kernel.ts';

/** Tests refusals that only the kernel can make: privileges, devices, interfaces. */
export function openingFailures(): void {
  describe('refusals of the kernel', () => {
    let netio: Netio;
    const drops = new DeviceDropCounts();

    beforeEach(() => {
      netio = openLinuxNetio({ offload: true });
    });
    afterEach(() => netio.close());

    it('names the privilege for a tunnel interface', () => {
      const error = withoutCapabilities(() => errorOf(() => netio.openTunDevice({ name: 'nvdenied', drops })));
      expect(error.code).toBe('no-privilege');
      expect(error.message).toContain('CAP_NET_ADMIN');
    });

    it('names the privilege for a raw socket', () => {
      const error = withoutCapabilities(() => errorOf(() => netio.openRawIpv6Sender({ drops })));
      expect(error.code).toBe('no-privilege');
      expect(error.message).toContain('CAP_NET_RAW');
    });

    it('names the privilege for a low port', () => {
      const options = { portId: 0, address: 0x7f000001, port: 99, drops } as const;
      const error = withoutCapabilities(() => errorOf(() => netio.openUdpSocket(options)));
      expect(error.code).toBe('no-privilege');
      expect(error.message).toContain('port 99 on 127.0.0.1 needs the capability CAP_NET_BIND_SERVICE');
    });

    it('reports that there is no tunnel device', () => {
      const { calls, koffi } = openKernel();
      const arena = new Arena(koffi, 65_536);
      const loops = createPacketLoops(arena.memory);
      const machine = { calls, arena, loops, offload: true, scratch: arena.allocate(64) };
      const error = errorOf(() => openTunnelInterface(machine, 'nvnone', '/dev/net/no-such-device'));
      expect(error.code).toBe('no-tunnel-device');
      expect(error.message).toContain('modprobe tun');
    });

    it.each(['tunnel', 'other'])('does not attach to an existing interface (%s)', (kind) => {
      if (kind === 'tunnel') ip('tuntap', 'add', 'dev', 'nvtaken', 'mode', 'tun');
      else ip('link', 'add', 'nvtaken', 'type', 'veth');
      try {
        const error = errorOf(() => netio.openTunDevice({ name: 'nvtaken', drops }));
        expect(error.code).toBe('interface-taken');
        expect(error.message).toContain('nvtaken');
      } finally {
        ip('link', 'delete', 'nvtaken');
      }
    });

    it('throws when the interface is removed, and not when it is only down', () => {
      const device = netio.openTunDevice({ name: 'nvgone', drops });
      const sink = { handlePackets: () => undefined };
      ip('link', 'set', 'nvgone', 'up');
      ip('link', 'set', 'nvgone', 'down');
      device.receive(sink, 0, 64);
      expect(device.receive(sink, 0, 64)).toBe(0);
      ip('link', 'delete', 'nvgone');
      const error = errorOf(() => device.receive(sink, 0, 64));
      expect(error).toBeInstanceOf(NavalisError);
      expect(error.code).toBe('interface-gone');
      expect(error.message).toContain('nvgone');
    });

    it('leaves no descriptor behind after failures', () => {
      const socket = netio.openUdpSocket({ portId: 0, address: 0x7f000001, port: 0, drops });
      const taken = { portId: 0, address: socket.address, port: socket.port, drops } as const;
      const before = openDescriptors();
      for (let attempt = 0; attempt < 2; attempt++) {
        errorOf(() => netio.openUdpSocket(taken));
        errorOf(() => netio.openTunDevice({ name: 'lo', drops }));
      }
      expect(openDescriptors()).toBe(before);
    });
  });
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
