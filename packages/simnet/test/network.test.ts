import { describe, expect, it } from 'vitest';
import { createPacketRun, type DatagramRun, type HostedOutputs, pointRunAt, virtualNetwork } from '../src/network.ts';

/** An event that no engine of Teredo reports. */
interface Heard {
  readonly kind: 'heard';
  readonly octets: number;
}

describe('a network without Teredo', () => {
  it('runs an engine with events of its own, behind a NAT', () => {
    const net = virtualNetwork({ seed: 7 });
    const echo = net.udpHost().socket((payload, from) => echo.send(payload, from), 7);
    const node = net.engine({
      nat: { kind: 'port-restricted', mappingLifetimeMs: 45_000 },
      create: (outputs: HostedOutputs<Heard>) => {
        const run = createPacketRun(new Uint8Array(5));
        pointRunAt(run, 0, 5);
        let due = 1000;
        return {
          handleDatagrams: ({ packetLength }: DatagramRun) => outputs.report({ kind: 'heard', octets: packetLength }),
          handlePackets: () => {},
          handleDeadline: () => {
            due = Number.POSITIVE_INFINITY;
            outputs.sendDatagrams(run, echo.local.address, echo.local.port);
          },
          nextDeadline: () => due,
        };
      },
    });
    node.act(() => {});
    net.until('the echo is back', () => node.events.length > 0);
    // 1 ms behind the NAT, 5 ms and 5 ms for the lines, 20 ms in between; and back.
    expect(node.events).toEqual([{ kind: 'heard', octets: 5, at: 1062 }]);
  });

  it('gives native hosts addresses, and paths between them', () => {
    const net = virtualNetwork();
    const [near, far] = [net.nativeHost(), net.nativeHost()];
    const ping = near.ping(far);
    net.run(1000);
    expect(ping.answeredAt).toBe(2 * 30);
  });

  it('has no Teredo nodes', () => {
    const net = virtualNetwork();
    for (const role of ['client', 'server', 'relay', 'hostRelay']) expect(role in net).toBe(false);
  });
});
