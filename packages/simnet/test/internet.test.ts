import { createPacketRun, type Engine, pointRunAt } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { forEachSeed, internet, seedVariable } from '../src/index.ts';
import { firstContact, roughPath } from '../src/scenarios/first-contact.ts';
import { storm } from '../src/scenarios/storm.ts';

/** Returns the arrival time of each of 300 numbered datagrams at the other side. */
function arrivals(seed: number, core: object, before: (net: ReturnType<typeof internet>) => void = () => {}) {
  const net = internet({ seed, core });
  before(net);
  const seen: { number: number; at: number }[] = [];
  const sender = net.udpHost({ name: 'sender', nat: net.nat({ kind: 'cone', name: 'home' }) }).socket(() => {});
  const receiver = net
    .udpHost({ name: 'receiver' })
    .socket((payload) => seen.push({ number: payload[0]!, at: net.now }));
  for (let number = 0; number < 250; number++) {
    net.clock.at(number * 10, () => sender.send(Uint8Array.of(number), receiver.local));
  }
  net.run(5000);
  return { seen, net };
}

describe('paths', () => {
  it('take the latency of both lines and of the path between them', () => {
    const { seen } = arrivals(1, { latencyMs: 20 });
    expect(seen[0]).toEqual({ number: 0, at: 1 + 5 + 20 + 5 });
    expect(seen).toHaveLength(250);
  });

  it('lose, duplicate and reorder as configured', () => {
    const { seen, net } = arrivals(3, { loss: 0.3, reordering: 0.2, duplication: 0.1 });
    const numbers = seen.map(({ number }) => number);
    const late = numbers.filter((number, index) => index > 0 && number < numbers[index - 1]!).length;
    expect(new Set(numbers).size / 250).toBeGreaterThan(0.6);
    expect(new Set(numbers).size / 250).toBeLessThan(0.85);
    expect(late).toBeGreaterThan(15);
    expect(net.traffic.duplicated).toBeGreaterThan(10);
    expect(net.traffic.lost).toBeGreaterThan(50);
  });
});

describe('seeds', () => {
  const rough = { loss: 0.3, reordering: 0.2, duplication: 0.1, jitterMs: 10 };

  it('replay a run exactly, and differ from each other', () => {
    expect(arrivals(7, rough).seen).toEqual(arrivals(7, rough).seen);
    expect(arrivals(7, rough).seen).not.toEqual(arrivals(8, rough).seen);
  });

  it('replay the protocol machines, too', () => {
    expect(firstContact(7, roughPath)).toEqual(firstContact(7, roughPath));
    expect(storm(3)).toEqual(storm(3));
  });

  it('give each node its own stream: an additional node does not affect the others', () => {
    const other = arrivals(7, rough, (net) => {
      const chatter = net.udpHost({ nat: 'port-symmetric' }).socket(() => {});
      for (let i = 0; i < 100; i++) chatter.send(Uint8Array.of(1), { address: 0x08080808, port: 53 });
    });
    expect(other.seen).toEqual(arrivals(7, rough).seen);
  });

  it('are named in each failure', () => {
    const fails = () =>
      forEachSeed(3, (seed) => {
        const net = internet({ seed });
        net.until('pigs fly', () => seed < 2, 1000);
      });
    expect(fails).toThrow(`Not within 1000 ms: pigs fly (seed 2; replay with ${seedVariable}=2)`);
  });
});

describe('an engine of any kind', () => {
  it('has a socket, deadlines, events and a stream of its own', () => {
    const net = internet();
    const echo = net.udpHost().socket((payload, from) => echo.send(payload, from), 7);
    const times: number[] = [];
    const node = net.engine({
      nat: 'port-restricted',
      create: (outputs, random): Engine => {
        let due = 1000;
        return {
          handleDatagrams: (run, now) => void times.push(now, run.memory[run.offset]!),
          handlePackets: () => {},
          handleDeadline: (now) => {
            due = Number.POSITIVE_INFINITY;
            const run = createPacketRun(new Uint8Array(1));
            random.fill(run.memory);
            times.push(now, run.memory[0]!);
            pointRunAt(run, 0, 1);
            outputs.sendDatagrams(run, echo.local.address, echo.local.port);
            outputs.report({ kind: 'started' });
          },
          nextDeadline: () => due,
        };
      },
    });
    node.act(() => {});
    net.run(5000);
    // 1 ms behind the NAT, 5 ms and 5 ms for the lines, 20 ms in between; and back.
    expect(times).toEqual([1000, times[1], 1000 + 2 * 31, times[1]]);
    expect(node.events).toEqual([{ kind: 'started', at: 1000 }]);
  });
});
