import { describe, expect, it } from 'vitest';
import { flagsFrom } from '../bench/load/flags.ts';
import { DeadlineQueue } from '../src/load/deadline-queue.ts';
import { Flows } from '../src/load/requests/flows.ts';
import { Histogram, quantilesOf } from '../src/load/requests/quantiles.ts';
import { RequestRing } from '../src/load/requests/request-ring.ts';

describe('the deadlines of a load generator', () => {
  it('come in order, also when they change', () => {
    const queue = new DeadlineQueue(100);
    expect(queue.earliest).toBe(Number.POSITIVE_INFINITY);
    for (let member = 0; member < 100; member++) queue.set(member, (member * 37) % 101);
    for (let member = 0; member < 100; member += 3) queue.set(member, (member * 53) % 103);
    const times: number[] = [];
    while (queue.earliest !== Number.POSITIVE_INFINITY) {
      times.push(queue.earliest);
      queue.set(queue.first, Number.POSITIVE_INFINITY);
    }
    expect(times).toHaveLength(100);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('do not exist without members', () => {
    expect(new DeadlineQueue(0).earliest).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the requests of a load generator', () => {
  it('are answered once, lost after 2 s, and late after that', () => {
    const requests = new RequestRing();
    const [answered, late] = [requests.ask(7, 1_000), requests.ask(8, 1_000)] as [number, number];
    requests.ask(9, 1_000);
    expect(requests.answer(answered, 7)).toBe('in-time');
    expect(requests.answer(answered, 7)).toBe('unknown');
    requests.judge(2_999);
    expect(requests.lost).toBe(0);
    requests.judge(3_000);
    expect(requests.answer(late, 8)).toBe('late');
    expect(requests).toMatchObject({ sent: 3, answered: 1, lost: 2, late: 1 });
  });

  it('do not count when they were sent before the count began, or by another contact', () => {
    const requests = new RequestRing();
    const before = requests.ask(1, 0)!;
    requests.reset();
    const after = requests.ask(2, 0)!;
    expect(requests.answer(before, 1)).toBe('unknown');
    expect(requests.answer(after, 3)).toBe('unknown');
    expect(requests.answer(77, 0)).toBe('unknown');
    requests.judge(5_000);
    expect(requests).toMatchObject({ sent: 1, answered: 0, lost: 1, late: 0 });
  });

  it('are refused while too many are unanswered', () => {
    const requests = new RequestRing();
    for (let request = 0; request < 262_144; request++) requests.ask(0, 0);
    expect(requests.ask(0, 0)).toBeUndefined();
    requests.judge(2_000);
    expect(requests.ask(0, 2_000)).toBe(262_144);
    expect(requests.answer(262_144, 0)).toBe('in-time');
  });
});

describe('the contacts of a load generator', () => {
  it('go from each client to the next ones and to one host', () => {
    const flows = new Flows({ clients: 3, peers: 1, hosts: ['2d00::1', '2d00::2'] });
    const all = Array.from({ length: flows.count }, (_, flow) => [
      flows.clientOf(flow),
      flows.peerOf(flow) ?? `host ${flows.hostOf(flow)}`,
    ]);
    expect(all).toEqual([
      [0, 1],
      [0, 'host 0'],
      [1, 2],
      [1, 'host 1'],
      [2, 0],
      [2, 'host 0'],
    ]);
  });

  it('have gaps from the first unanswered request to the next answer, also while that is missing', () => {
    const flows = new Flows({ clients: 2, peers: 1, hosts: [] });
    flows.state.fill(2);
    flows.recordRequest(0, 1_000);
    flows.recordAnswer(0, 1_000, 1_004);
    flows.recordRequest(0, 2_000);
    flows.recordRequest(0, 2_500);
    flows.recordAnswer(0, 2_500, 2_510);
    flows.recordRequest(1, 2_600);
    expect([...flows.gaps(3_000)]).toEqual([510, 400]);
    flows.forgetGaps(3_000);
    expect([...flows.gaps(3_000)]).toEqual([0, 0]);
  });

  it('return with the first answer since gaps were forgotten, late after a second', () => {
    const flows = new Flows({ clients: 3, peers: 0, hosts: ['2d00::1'] });
    flows.state.set([2, 2]);
    flows.forgetGaps(5_000);
    expect(flows.returns(5_400)).toEqual({ silent: 2, late: 0, longestMs: 400 });
    flows.recordRequest(0, 5_300);
    flows.recordAnswer(0, 5_300, 5_500);
    flows.recordRequest(0, 6_300);
    flows.recordAnswer(0, 6_300, 6_400);
    expect(flows.returns(6_000)).toEqual({ silent: 1, late: 0, longestMs: 1_000 });
    flows.recordRequest(1, 6_000);
    flows.recordAnswer(1, 6_000, 6_001);
    expect(flows.returns(9_000)).toEqual({ silent: 0, late: 1, longestMs: 1_001 });
  });
});

describe('quantiles of a load generator', () => {
  it('are those of the values', () => {
    expect(quantilesOf(Float64Array.of(3, 1, 2))).toEqual({ median: 2, p99: 3, longest: 3 });
    expect(quantilesOf(new Float64Array(0))).toBeUndefined();
  });

  it('are within 5 % of the values in a fixed memory', () => {
    const histogram = new Histogram();
    expect(histogram.quantiles()).toBeUndefined();
    for (let value = 1; value <= 1_000; value++) histogram.add(value / 10);
    const { median, p99, longest } = histogram.quantiles()!;
    expect(median / 50).toBeGreaterThanOrEqual(1);
    expect(median / 50).toBeLessThan(1.05);
    expect(p99 / 99).toBeGreaterThanOrEqual(1);
    expect(p99 / 99).toBeLessThan(1.05);
    expect(longest).toBe(100);
  });
});

describe('npm run load', () => {
  it('loads a laboratory, or servers that are named', () => {
    expect(flagsFrom([])).toMatchObject({ kind: 'laboratory', clients: 1_000, servers: 1, kill: 0 });
    const own = flagsFrom(['--server', 'teredo.example,192.0.2.1', '--to', '2001:db8::1', '--clients', '20']);
    expect(own).toMatchObject({ kind: 'operator', clients: 20, servers: ['teredo.example', '192.0.2.1'], sources: [] });
    expect(flagsFrom(['--help'])).toBeUndefined();
  });

  it.each([
    [['--clients', '0'], '--clients is "0"; it must be a whole number from 1 to 20000.'],
    [['--rate', 'many'], '--rate is "many"; it must be a whole number from 0 to 100000.'],
    [['--servers', '2', '--kill', '2'], '--kill is "2"; it must be a whole number from 0 to 1.'],
    [['--to', '2001:db8::1'], '--to needs --server with the servers to load.'],
    [['--server', '192.0.2.1', '--kill', '1'], '--kill belongs to the laboratory'],
    [['--server', '192.0.2.1', '--to', '192.0.2.2'], '--to names "192.0.2.2"; it must be a list of IPv6 addresses'],
    [['--server', ''], '--server names ""'],
    [['--server', '192.0.2.1', '--turn-uri', 'turns:turn.example'], '--turn-uri is "turns:turn.example"; it must name'],
    [['--order', 'best'], '--order is "best"; it must be "listed", "spread" or "fastest".'],
    [['--colour'], "Unknown option '--colour'. See --help."],
  ])('refuses %j by a sentence', (args, sentence) => {
    expect(() => flagsFrom(args)).toThrow(sentence);
  });
});
