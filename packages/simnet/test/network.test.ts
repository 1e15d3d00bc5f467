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

  it('wakes an engine at its deadline alone, however that moves', () => {
    const net = virtualNetwork();
    let due = 1000;
    const wokenAt: number[] = [];
    const handleDeadline = (now: number): void => {
      wokenAt.push(now);
      due = Number.POSITIVE_INFINITY;
    };
    const create = () => ({
      handleDatagrams: () => {},
      handlePackets: () => {},
      handleDeadline,
      nextDeadline: () => due,
    });
    const node = net.engine({ create });
    const move = (to: number) =>
      node.act(() => {
        due = to;
      });
    move(1000);
    net.run(100);
    move(30_000);
    move(20_000);
    net.run(10_000);
    expect(net.clock.events).toBe(0);
    net.run(15_000);
    expect(wokenAt).toEqual([20_000]);
  });

  it.each([
    [false, 4, 62],
    [true, 2, 60],
  ])(
    'crosses the network behind a NAT, immediate: %s, in %d events for the way there and back',
    (isImmediate, events, at) => {
      const net = virtualNetwork();
      const echo = net.udpHost().socket((payload, from) => echo.send(payload, from), 7);
      const heardAt: number[] = [];
      const nat = net.nat({ kind: 'port-restricted', insideIsImmediate: isImmediate });
      net
        .udpHost({ nat })
        .socket(() => heardAt.push(net.now))
        .send(Uint8Array.of(1), echo.local);
      net.run(1000);
      expect(heardAt).toEqual([at]);
      expect(net.clock.events).toBe(events);
    },
  );

  it('calls no host behind an immediate NAT before the call that sends to it has returned', () => {
    const net = virtualNetwork();
    const nat = net.nat({ kind: 'cone', hairpinning: true, insideIsImmediate: true });
    let heard = 0;
    const [one, other] = [net.udpHost({ nat }).socket(() => {}), net.udpHost({ nat }).socket(() => heard++, 4000)];
    for (const to of [other.local, nat.forward(other.local, 5000)]) {
      heard = 0;
      one.send(Uint8Array.of(1), to);
      expect(heard).toBe(0);
      net.run(1);
      expect(heard).toBe(1);
    }
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
