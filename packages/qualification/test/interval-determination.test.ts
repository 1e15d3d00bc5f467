import { buildTeredoAddress, type Ipv4Endpoint, Ipv4Policy, readIpv6 } from '@navalis/address';
import { Counters, createDatagramRun, type DropReason, pointRunAt } from '@navalis/engine';
import { RecordingOutputs, type SentDatagram, seededRandom } from '@navalis/engine/testing';
import { DatagramLayout, isBubble, readDatagram, writeBubble } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { type Assignment, type DeterminedInterval, IntervalDetermination } from '../src/index.ts';
import { advertisementBytes, partsFor } from './advertisement-bytes.ts';
import { endpoint, mapped, server } from './world.ts';

const policy = new Ipv4Policy({ strictness: 'rfc4380' });
const secondaryLocal = endpoint('10.0.0.2:40000');
const address = buildTeredoAddress({ server: server.primary, flags: 0x1234, mapped, policy })!;
const assignment: Assignment = { server, address, mapped, nat: 'restricted', mtu: 1280 };
const serverEndpoint = { address: server.primary, port: 3544 };

/** A secondary port behind a NAT that keeps a silent mapping for `lifetimeMs`, and a server that passes bubbles on. */
class World {
  now = 1_000;
  lifetimeMs: number;
  readonly counters = new Counters();
  readonly found: number[] = [];
  readonly ended: number[] = [];
  result: DeterminedInterval | undefined;
  /** When bubbles left the service port. */
  readonly bubbles: number[] = [];
  /** When the secondary port sent, which is solicitations only. */
  readonly solicitations: number[] = [];
  readonly drops: (DropReason | undefined)[] = [];
  isServerSilent = false;
  /** How many bubbles get lost before one is passed on. */
  lostBubbles = 0;
  readonly determination: IntervalDetermination;
  readonly #secondary = new RecordingOutputs();
  readonly #service = new RecordingOutputs();
  readonly #layout = new DatagramLayout();
  #lastOutbound = Number.NEGATIVE_INFINITY;
  #mappings = 0;

  constructor(lifetimeSeconds: number, refreshIntervalMs?: number) {
    this.lifetimeMs = 1_000 * lifetimeSeconds;
    this.determination = new IntervalDetermination(
      { servers: [], local: secondaryLocal, policy, ...(refreshIntervalMs !== undefined && { refreshIntervalMs }) },
      {
        secondaryPort: this.#secondary,
        servicePort: this.#service,
        found: (intervalMs) => void this.found.push(intervalMs),
        ended: (result) => {
          this.ended.push(result.refreshIntervalMs);
          this.result = result;
        },
      },
      this.counters,
      seededRandom(1),
    );
  }

  get mapping(): Ipv4Endpoint {
    return { address: mapped.address, port: 5_000 + this.#mappings };
  }

  begin(): this {
    this.determination.begin(assignment);
    return this;
  }

  pass(ms: number): this {
    const end = this.now + ms;
    while (this.determination.nextDeadline() <= end) {
      this.now = Math.max(this.now, this.determination.nextDeadline());
      this.determination.handleDeadline(this.now);
      this.#carry();
    }
    this.now = end;
    return this;
  }

  receive(payload: Uint8Array, from: Ipv4Endpoint = serverEndpoint): void {
    const run = createDatagramRun(payload, 1);
    run.sourceAddress = from.address;
    run.sourcePort = from.port;
    pointRunAt(run, 0, payload.length);
    readDatagram(payload, 0, payload.length, this.#layout);
    this.drops.push(this.determination.handleDatagram(run, this.#layout, this.now));
  }

  bubble(source = address, destination = this.determination.secondaryAddress!, origin = mapped): Uint8Array {
    const bytes = new Uint8Array(48);
    const { address: from, port } = origin;
    bytes.set([0, 0, ~(port >>> 8), ~port, ~(from >>> 24), ~(from >>> 16), ~(from >>> 8), ~from]);
    writeBubble(bytes, 8, source, destination);
    return bytes;
  }

  get isAlive(): boolean {
    return this.now - this.#lastOutbound < this.lifetimeMs;
  }

  #carry(): void {
    for (let sent = this.#secondary.takeDatagrams(); sent.length > 0; sent = this.#secondary.takeDatagrams()) {
      for (const solicitation of sent) this.#solicit(solicitation);
    }
    for (const { payload, address: to, port } of this.#service.takeDatagrams()) {
      expect([isBubble(payload, 0), to, port]).toEqual([true, server.primary, 3544]);
      expect([readIpv6(payload, 8), readIpv6(payload, 24)]).toEqual([address, this.determination.secondaryAddress]);
      this.bubbles.push(this.now);
      if (this.lostBubbles > 0) this.lostBubbles--;
      else if (this.isAlive) this.receive(this.bubble());
    }
    if (this.#secondary.datagrams.length > 0) this.#carry();
  }

  #solicit({ payload, address: respondent }: SentDatagram): void {
    if (!this.isAlive) this.#mappings++;
    this.#lastOutbound = this.now;
    this.solicitations.push(this.now);
    if (this.isServerSilent) return;
    const solicitation = { nonce: payload.slice(4, 12), source: readIpv6(payload, 13 + 8) };
    this.receive(advertisementBytes(partsFor(server.primary, this.mapping, solicitation)), {
      address: respondent,
      port: 3544,
    });
  }
}

describe('the determination of the refresh interval', () => {
  it('[CL-D-01] qualifies the secondary port as soon as the service port has its address', () => {
    const world = new World(300);
    expect(world.determination.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    world.begin().pass(0);
    expect(world.solicitations).toEqual([1_000, 1_000]);
    expect(world.determination.secondaryAddress).toBeDefined();
  });

  it('[CL-D-02] is not used when the secondary port gets no address', () => {
    const world = new World(300);
    world.isServerSilent = true;
    world.begin().pass(3_600_000);
    expect([world.found, world.ended]).toEqual([[], [30_000]]);
    expect(world.result).toEqual({ refreshIntervalMs: 30_000, keptMs: undefined, forgottenMs: undefined });
    expect(world.bubbles).toEqual([]);
    expect(world.solicitations).toHaveLength(3);
  });

  it('[CL-D-03][CL-D-04][CL-D-13] begins at 60 s of at most 120, counted from the last word on the secondary port', () => {
    const world = new World(300).begin().pass(0);
    expect(world.determination.search).toEqual({
      intervalMs: 30_000,
      candidateMs: 60_000,
      maximumMs: 120_000,
      isProven: false,
    });
    world.pass(59_999);
    expect(world.bubbles).toEqual([]);
    world.pass(1);
    expect(world.bubbles).toEqual([61_000]);
    expect(world.determination.search).toEqual({
      intervalMs: 60_000,
      candidateMs: 90_000,
      maximumMs: 120_000,
      isProven: true,
    });
  });

  it('[CL-D-05] sends its bubble to the secondary address, through the server', () => {
    // The output checks each one's content when it leaves.
    const world = new World(300).begin().pass(61_000);
    expect(world.bubbles).toHaveLength(1);
    expect(world.counters.snapshot()).toMatchObject({ bubblesSent: 1, bubblesReceived: 1 });
  });

  it.each([
    [0, [0], true],
    [1, [0, 2], true],
    [3, [0, 2, 4, 6], true],
    [4, [0, 2, 4, 6], false],
  ])('[CL-D-06] waits 2 s for it and repeats it three times: %i lost', (lost, seconds, succeeds) => {
    const world = new World(300).begin();
    world.lostBubbles = lost;
    world.pass(60_000 + 8_000);
    expect(world.bubbles.map((at) => (at - 61_000) / 1_000)).toEqual(seconds);
    expect(world.found).toEqual(succeeds ? [60_000] : []);
    expect(world.determination.search!.maximumMs).toBe(succeeds ? 120_000 : 60_000);
  });

  it.each([
    [3, [15, 7.5, 5], 5, undefined, 5],
    [5.5, [15, 7.5, 5], 5, 5, 6.25],
    [7, [15, 7.5, 5, 6.25], 6.25, 6.25, 7.5],
    [10, [15, 7.5, 9.375], 9.375, 9.375, 11.25],
    [18, [15], 15, 15, 18.75],
    [20, [15, 18.75], 18.75, 18.75, 22.5],
    [29, [15, 22.5], 22.5, 22.5, 30],
    [31, [], 30, 30, 37.5],
    [38, [37.5], 37.5, 37.5, 45],
    [65, [60], 60, 60, 75],
    [300, [60, 90], 90, 90, undefined],
  ])(
    '[CL-D-15] of a NAT that keeps mappings for %d s goes over %j to %d s, kept for %j s and forgotten within %j s',
    (lifetime, found, end, kept, forgotten) => {
      const world = new World(lifetime).begin().pass(3_600_000);
      expect(world.found.map((each) => each / 1_000)).toEqual(found);
      expect(world.ended).toHaveLength(1);
      expect(world.result).toEqual({
        refreshIntervalMs: end * 1_000,
        keptMs: kept === undefined ? undefined : kept * 1_000,
        forgottenMs: forgotten === undefined ? undefined : forgotten * 1_000,
      });
    },
  );

  it('[CL-D-15] has lowered the interval as soon as a mapping did not survive it', () => {
    const world = new World(18).begin();
    while (world.found.length === 0) world.pass(1_000);
    expect(world.found).toEqual([15_000]);
    // 60, 45 and 37.5 s, as RFC 4380 has it, and the 30 s that it does not try.
    expect(world.now).toBeGreaterThan(1_000 * (60 + 45 + 37.5 + 30));
    expect(world.now).toBeLessThan(1_000 * (60 + 45 + 37.5 + 30 + 4 * 8 + 4));
    expect(world.ended).toEqual([]);
  });

  it.each([
    [45, [37.5], 37.5],
    [50, [45], 45],
    [65, [60], 60],
    [100, [60, 90], 90],
    [300, [60, 90], 90],
  ])(
    '[CL-D-07][CL-D-08][CL-D-09] of a NAT that keeps mappings for %d s goes over %j to %d s',
    (lifetime, found, end) => {
      const world = new World(lifetime).begin().pass(3_600_000);
      expect(world.found.map((each) => each / 1_000)).toEqual(found);
      expect(world.ended).toEqual([end * 1_000]);
      expect(world.determination.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    },
  );

  it('[CL-D-10] keeps the secondary port alive between attempts, and follows it to a new address', () => {
    const world = new World(50).begin().pass(0);
    const first = world.determination.secondaryAddress!;
    world.pass(60_000 + 8_000);
    // The mapping was gone: the maintenance got another one, which nothing of the search depends on.
    expect(world.solicitations).toEqual([1_000, 1_000, 69_000]);
    expect(world.determination.secondaryAddress).not.toEqual(first);
    expect(world.determination.search).toMatchObject({ candidateMs: 45_000, maximumMs: 60_000 });
    world.pass(44_999);
    expect(world.ended).toEqual([]);
    world.pass(1);
    expect(world.ended).toEqual([45_000]);
  });

  it('[CL-D-11] takes nothing else on the secondary port', () => {
    const world = new World(300).begin().pass(59_999);
    world.drops.length = 0;
    const destination = world.determination.secondaryAddress!;
    // Before a bubble of ours is under way there is none to be had.
    world.receive(world.bubble());
    world.lostBubbles = 4;
    world.pass(1_000);
    world.receive(world.bubble(), endpoint('198.51.100.9:3544'));
    world.receive(world.bubble(), { ...serverEndpoint, port: 3545 });
    world.receive(world.bubble(destination));
    world.receive(world.bubble(address, address));
    world.receive(world.bubble(address, destination, endpoint('192.0.2.1:4097')));
    world.receive(world.bubble(address, destination, endpoint('192.0.2.2:4096')));
    world.receive(world.bubble().slice(8));
    const data = world.bubble().slice();
    data[8 + 6] = 17;
    world.receive(data);
    const echo = world.bubble().slice();
    echo.set([58], 8 + 6);
    world.receive(Uint8Array.of(...echo, 128, 0, 0, 0, 0, 0, 0, 0).map((octet, at) => (at === 8 + 5 ? 8 : octet)));
    expect(world.drops).toEqual(Array(10).fill('not-for-secondary-port'));
    expect(world.found).toEqual([]);
    world.receive(world.bubble());
    expect(world.found).toEqual([60_000]);
  });

  it('[CL-D-12] is over once, and then deaf', () => {
    const world = new World(300).begin().pass(600_000);
    const sent = world.solicitations.length;
    world.determination.abandon();
    world.begin().pass(600_000);
    expect(world.solicitations).toHaveLength(sent);
    world.receive(world.bubble(address, address));
    expect(world.drops.at(-1)).toBe('not-for-secondary-port');
    expect(world.determination.isEnded).toBe(true);
  });

  it('[CL-D-11][CL-D-12] takes no advertisement before it begins, after it was abandoned, nor at its end', () => {
    const world = new World(300);
    const advertisement = () => {
      const solicitation = { nonce: new Uint8Array(8), source: readIpv6(new Uint8Array(16), 0) };
      world.receive(advertisementBytes(partsFor(server.primary, world.mapping, solicitation)));
    };
    advertisement();
    expect(world.determination.secondaryAddress).toBeUndefined();
    world.begin();
    expect(world.determination.secondaryAddress).toBeUndefined();
    world.pass(70_000).determination.abandon();
    advertisement();
    expect(world.drops.splice(-1)).toEqual(['not-for-secondary-port']);
    world.begin().pass(600_000);
    expect(world.determination.isEnded).toBe(true);
    const { advertisementsReceived } = world.counters.snapshot();
    advertisement();
    expect(world.drops).toHaveLength(1 + advertisementsReceived + world.counters.snapshot().bubblesReceived + 1);
    expect([world.drops[0], world.drops.at(-1)]).toEqual(['not-for-secondary-port', 'not-for-secondary-port']);
    expect(world.counters.snapshot().advertisementsReceived).toBe(advertisementsReceived);
  });

  it('[CL-D-11] takes no advertisement without an Authentication', () => {
    const world = new World(300);
    world.isServerSilent = true;
    world.begin().pass(0);
    const solicitation = { nonce: new Uint8Array(8), source: readIpv6(new Uint8Array(16), 0) };
    const parts = { ...partsFor(server.primary, world.mapping, solicitation), nonce: undefined };
    world.receive(advertisementBytes(parts));
    world.receive(advertisementBytes({ ...parts, origin: undefined }));
    expect(world.drops).toEqual(['nonce-mismatch', 'invalid-router-advertisement']);
  });

  it('[CL-D-04] counts the advertisements on the secondary port, and rests no longer for one that nobody asked for', () => {
    const world = new World(300).begin().pass(30_000);
    expect(world.counters.snapshot().advertisementsReceived).toBe(2);
    const solicitation = { nonce: new Uint8Array(8), source: readIpv6(new Uint8Array(16), 0) };
    world.receive(advertisementBytes(partsFor(server.primary, world.mapping, solicitation)));
    expect(world.drops.at(-1)).toBe('unsolicited-router-advertisement');
    expect(world.counters.snapshot().advertisementsReceived).toBe(3);
    world.pass(30_000);
    expect(world.bubbles).toEqual([61_000]);
  });

  it('[CL-D-04][CL-D-06] does nothing before its deadline', () => {
    const world = new World(300).begin().pass(0);
    const callEarly = () => {
      world.determination.handleDeadline(world.now);
      world.pass(0);
    };
    world.pass(30_000);
    callEarly();
    expect(world.bubbles).toEqual([]);
    world.lostBubbles = 1;
    world.pass(31_000);
    callEarly();
    expect(world.bubbles).toEqual([61_000]);
  });

  it.each([
    ['before its deadline', 0],
    ['while it rests', 30_000],
    ['while it waits for its bubble', 61_000],
  ])('has nothing to do any more when it is abandoned %s', (_, ms) => {
    const world = new World(300);
    world.lostBubbles = 4;
    world.begin();
    if (ms > 0) world.pass(ms);
    world.determination.abandon();
    expect(world.determination.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    world.determination.handleDeadline(world.now);
    expect(world.determination.isEnded).toBe(false);
  });

  it('[CL-D-10] ends with what it found when the secondary port loses its address between two attempts', () => {
    const world = new World(300).begin().pass(60_000 - 1);
    world.isServerSilent = true;
    world.pass(1);
    expect(world.found).toEqual([60_000]);
    world.pass(11_999);
    expect(world.ended).toEqual([]);
    world.pass(1);
    expect(world.result).toEqual({ refreshIntervalMs: 60_000, keptMs: 60_000, forgottenMs: undefined });
  });

  it('[CL-D-08][CL-D-15] stops at 75 %: of 72 s after 96 s failed, and tries 72 s themselves', () => {
    const world = new World(75);
    world.determination.begin(assignment, 72_000);
    world.pass(600_000);
    expect(world.result).toEqual({ refreshIntervalMs: 72_000, keptMs: 72_000, forgottenMs: 96_000 });
    expect(world.bubbles.map((at) => at - 1_000)).toEqual([96_000, 98_000, 100_000, 102_000, 104_000 + 72_000]);
  });

  it('begins again when the address is lost on the way', () => {
    const world = new World(300).begin().pass(70_000);
    world.determination.abandon();
    expect(world.determination.search).toBeUndefined();
    world.begin().pass(0);
    expect(world.determination.search).toMatchObject({ intervalMs: 30_000, candidateMs: 60_000 });
  });

  it('[CL-D-15] begins with the interval that is in use', () => {
    const world = new World(18);
    world.determination.begin(assignment, 15_000);
    expect(world.pass(0).determination.search).toMatchObject({ intervalMs: 15_000, candidateMs: 30_000 });
    world.pass(600_000);
    expect(world.result).toEqual({ refreshIntervalMs: 15_000, keptMs: 15_000, forgottenMs: 18_750 });
    expect(world.found).toEqual([]);
  });

  it('has nothing to find above 90 s', () => {
    expect(new World(300, 90_000).begin().ended).toEqual([90_000]);
    expect(new World(300, 80_000).begin().pass(0).determination.search).toMatchObject({ candidateMs: 100_000 });
  });
});
