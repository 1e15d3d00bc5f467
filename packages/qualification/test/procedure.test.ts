import {
  embeddedFlags,
  formatIpv6,
  type Ipv4Endpoint,
  type Ipv4Value,
  ipv6Equals,
  readIpv6,
  teredoFlags,
} from '@navalis/address';
import { createDatagramRun, pointRunAt } from '@navalis/engine';
import { seededRandom } from '@navalis/engine/testing';
import { DatagramLayout, icmpv6ChecksumOk, readDatagram } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { connectivityStatus } from '../src/index.ts';
import { advertisementBytes, partsFor } from './advertisement-bytes.ts';
import { endpoint, ipv4, local, mapped, server, World } from './world.ts';

const silent = (): undefined => undefined;
const onlyPrimary = (address: Ipv4Value): Ipv4Endpoint | undefined => (address === server.primary ? mapped : undefined);

describe('qualification', () => {
  it('[CL-Q-01] goes from initial through starting to qualified', () => {
    const world = new World();
    const statuses = [connectivityStatus(world.qualification.state)];
    world.mappingTowards = silent;
    world.start();
    statuses.push(connectivityStatus(world.qualification.state));
    world.mappingTowards = () => mapped;
    world.pass(4000);
    statuses.push(connectivityStatus(world.qualification.state));
    expect(statuses).toEqual(['initial', 'starting', 'qualified']);
    expect(world.qualification.nextDeadline()).toBeGreaterThan(world.now);
  });

  it('[CL-Q-02][CL-Q-03][CL-Q-04][CL-S-04][CL-S-06] starts with one authenticated solicitation to the primary address', () => {
    const world = new World();
    world.qualification.start(world.now);
    const [sent, ...more] = world.outputs.takeDatagrams();
    expect(more).toEqual([]);
    expect([sent!.address, sent!.port, sent!.portId]).toEqual([server.primary, 3544, 0]);
    const { payload } = sent!;
    expect(payload.length).toBe(61);
    expect([...payload.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
    expect(payload[12]).toBe(0);
    expect([...payload.subarray(13, 21)]).toEqual([0x60, 0, 0, 0, 0, 8, 58, 255]);
    const source = readIpv6(payload, 21);
    expect([source.word0, source.word1]).toEqual([0xfe800000, 0]);
    expect(source.word3).toBe(~local.address >>> 0);
    expect(source.word2 & 0xffff).toBe(local.port ^ 0xffff);
    expect(formatIpv6(readIpv6(payload, 37))).toBe('ff02::2');
    expect([...payload.subarray(53, 55), ...payload.subarray(57)]).toEqual([133, 0, 0, 0, 0, 0]);
    expect(icmpv6ChecksumOk(payload, 13)).toBe(true);
    expect(world.counters.solicitationsSent).toBe(1);
  });

  it('[R5-04][R5-14][CL-Q-07] never sets the cone bit in a solicitation, nor the reserved bit', () => {
    for (let seed = 0; seed < 200; seed++) {
      const world = new World({}, seed);
      world.qualification.start(world.now);
      const flags = embeddedFlags(readIpv6(world.outputs.datagrams[0]!.payload, 21));
      expect(flags & ~teredoFlags.randomMask).toBe(0);
    }
  });

  it('[CL-Q-05][CL-Q-06][CL-Q-08] solicits at 0, 4 and 8 s and is off-line at 12 s, not before', () => {
    const world = new World();
    world.mappingTowards = silent;
    const start = world.now;
    world.start();
    world.pass(11_999);
    expect(world.kind).toBe('soliciting-primary');
    world.pass(1);
    expect(world.solicitations.map((each) => each.at - start)).toEqual([0, 4000, 8000]);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'server-silent' });
  });

  it('[CL-Q-20] follows an answer at once with a solicitation to the secondary address, checked against the primary prefix', () => {
    const world = new World().start();
    expect(world.solicitations.map((each) => each.address)).toEqual([server.primary, server.secondary]);
    expect(world.solicitations[1]!.at).toBe(world.solicitations[0]!.at);
    const wrong = new World();
    wrong.alter = (_, respondent) =>
      respondent === server.secondary
        ? { prefixes: [{ prefix: { word0: 0x20010000, word1: server.secondary, word2: 0, word3: 0 }, length: 64 }] }
        : {};
    wrong.start();
    expect(wrong.kind).toBe('soliciting-secondary');
  });

  it('[CL-Q-20][CL-Q-21] gives the secondary address its own 12 s, then is off-line', () => {
    const world = new World();
    world.mappingTowards = onlyPrimary;
    world.start();
    world.pass(11_999);
    expect(world.kind).toBe('soliciting-secondary');
    world.pass(1);
    expect(world.solicitations.map((each) => each.address)).toEqual([
      server.primary,
      server.secondary,
      server.secondary,
      server.secondary,
    ]);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'secondary-silent' });
    const offline = world.outputs.events.find(({ kind }) => kind === 'off-line');
    expect(offline).toMatchObject({ server: server.primary, secondary: server.secondary });
  });

  it('names no secondary address for another reason', () => {
    const world = new World();
    world.mappingTowards = () => undefined;
    world.start();
    world.pass(12_000);
    const offline = world.outputs.events.find(({ kind }) => kind === 'off-line');
    expect(offline).toMatchObject({ reason: 'server-silent', server: server.primary });
    expect(offline).not.toHaveProperty('secondary');
  });

  it('[CL-Q-18][CL-Q-22][CL-Q-24][CL-N-02] builds its address from the prefix, random flags and the mapping seen', () => {
    const world = new World().start();
    const { assignment } = world.qualification;
    expect(assignment).toMatchObject({ mapped, nat: 'restricted', server });
    const address = assignment!.address;
    expect([address.word0, address.word1]).toEqual([0x20010000, server.primary]);
    expect(address.word2 & 0xffff).toBe(4096 ^ 0xffff);
    expect(address.word3).toBe(0x3ffffdfe);
    expect(world.outputs.events).toEqual([
      { kind: 'qualification-started', server: server.primary },
      { kind: 'address-assigned', address, mapped, server: server.primary, nat: 'restricted', mtu: 1280 },
    ]);
  });

  it.each([
    ['port', '192.0.2.1:4097'],
    ['address', '192.0.2.2:4096'],
    ['both', '192.0.2.2:5000'],
  ])('[CL-Q-23][CL-N-03] calls the NAT symmetric when the %s differs towards the secondary address', (_, other) => {
    const world = new World();
    world.mappingTowards = (address) => (address === server.primary ? mapped : endpoint(other));
    world.start();
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'symmetric' });
    expect(world.qualification.assignment).toBeUndefined();
  });

  describe('where a symmetric NAT is accepted', () => {
    const symmetric = (address: Ipv4Value) => (address === server.primary ? mapped : endpoint('192.0.2.1:4097'));

    it.each([
      ['port', '192.0.2.1:4097'],
      ['address', '192.0.2.2:4096'],
      ['both', '192.0.2.2:5000'],
    ])('[SNS-01][SNS-17][UPNP-10] there is an address of the first mapping when the %s differs', (_, other) => {
      const world = new World({ acceptsSymmetricNat: true });
      world.mappingTowards = (address) => (address === server.primary ? mapped : endpoint(other));
      world.start();
      expect(world.qualification.assignment).toMatchObject({ mapped, nat: 'symmetric' });
    });

    it('[SNS-01][CL-N-10] it is symmetric although the primary address sees the local endpoint', () => {
      const world = new World({ acceptsSymmetricNat: true, local: mapped });
      world.mappingTowards = symmetric;
      expect(world.start().qualification.assignment?.nat).toBe('symmetric');
    });

    it('[CL-N-12] refreshes leave the finding, also with another mapping; a complete procedure makes it again', () => {
      const world = new World({ acceptsSymmetricNat: true });
      world.mappingTowards = symmetric;
      world.start();
      world.mappingTowards = () => endpoint('192.0.2.1:5000');
      world.pass(30_000);
      expect(world.qualification.assignment).toMatchObject({ mapped: { port: 5000 }, nat: 'symmetric' });
      world.qualification.stop(world.now);
      world.start();
      expect(world.qualification.assignment).toMatchObject({ mapped: { port: 5000 }, nat: 'restricted' });
    });
  });

  it('[CL-N-10] calls the NAT none when mapped and local endpoint are equal', () => {
    const world = new World({ local: mapped }).start();
    expect(world.qualification.assignment?.nat).toBe('none');
  });

  it('[CL-Q-25] is off-line when the mapped address is not global', () => {
    const world = new World();
    world.mappingTowards = () => endpoint('10.0.0.1:4096');
    world.start();
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'mapped-not-global' });
    expect(world.solicitations).toHaveLength(1);
  });

  it.each([
    [1280, undefined, 1280],
    [1500, undefined, 1280],
    [900, undefined, 1280],
    [undefined, undefined, 1280],
    [1500, 1500, 1500],
    [1501, 1500, 1280],
    [900, 1500, 1280],
    [undefined, 1500, 1280],
  ])('[CL-Q-26][WF-20] with an MTU option of %s and a maximum of %s uses %s', (offered, maximum, used) => {
    const world = new World(maximum === undefined ? {} : { maximumMtu: maximum });
    world.alter = () => ({ mtu: offered });
    world.start();
    expect(world.qualification.assignment?.mtu).toBe(used);
  });

  it('[R5-01][R5-02][R5-05][SEC-31] draws 12 flag bits, each set about half the time, and no other', () => {
    const counts = new Array<number>(16).fill(0);
    const rounds = 2000;
    for (let seed = 0; seed < rounds; seed++) {
      const flags = embeddedFlags(new World({}, seed * 7919).start().qualification.assignment!.address);
      for (let bit = 0; bit < 16; bit++) if ((flags & (1 << bit)) !== 0) counts[bit]!++;
    }
    for (let bit = 0; bit < 16; bit++) {
      const share = counts[bit]! / rounds;
      if ((teredoFlags.randomMask & (1 << bit)) === 0) expect(share).toBe(0);
      else expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
    }
  });

  it('[AD-17] without RFC 5991 neither addresses nor solicitations carry any flag', () => {
    for (let seed = 0; seed < 50; seed++) {
      const world = new World({ randomFlags: false }, seed);
      world.qualification.start(world.now);
      expect(embeddedFlags(readIpv6(world.outputs.datagrams[0]!.payload, 21))).toBe(0);
      world.settle();
      expect(embeddedFlags(world.qualification.assignment!.address)).toBe(0);
    }
  });

  it('[CL-U-11] stops: no address, no timer, and a later start works', () => {
    const world = new World().start();
    world.qualification.stop(world.now);
    expect(world.kind).toBe('initial');
    expect(world.qualification.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(world.eventKinds().at(-1)).toBe('address-lost');
    world.start();
    expect(world.kind).toBe('qualified');
  });
});

describe('answers that do not count', () => {
  it('[CL-Q-27] ignores a duplicate of the primary answer while it waits for the secondary', () => {
    const world = new World();
    world.mappingTowards = onlyPrimary;
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    world.answer(sent!, mapped);
    const before = world.qualification.state;
    expect(before.kind).toBe('soliciting-secondary');
    world.answer(sent!, endpoint('192.0.2.1:9'));
    expect(world.qualification.state).toBe(before);
    expect(world.drops).toEqual([undefined, 'endpoint-mismatch']);
  });

  it('[CL-Q-27][CL-S-14] accepts a late answer to an earlier transmission of the phase, not one of an earlier phase', () => {
    const world = new World();
    world.qualification.start(world.now);
    const [first] = world.outputs.takeDatagrams();
    world.now += 4000;
    world.qualification.handleDeadline(world.now);
    const [second] = world.outputs.takeDatagrams();
    expect(second!.payload.slice(4, 12)).not.toEqual(first!.payload.slice(4, 12));
    world.answer(first!, mapped);
    expect(world.kind).toBe('soliciting-secondary');
    // The nonce of the first phase, from the address of the second: must not pass.
    world.answer({ ...second!, address: server.secondary }, mapped);
    expect(world.drops).toEqual([undefined, 'nonce-mismatch']);
    expect(world.kind).toBe('soliciting-secondary');
  });

  it('[CL-R-34] ignores an advertisement that nobody asked for', () => {
    const world = new World();
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    world.answer(sent!, mapped);
    world.settle();
    expect(world.kind).toBe('qualified');
    const before = world.qualification.state;
    world.answer(sent!, endpoint('192.0.2.9:9'));
    expect(world.drops.at(-1)).toBe('unsolicited-router-advertisement');
    expect(world.qualification.state).toBe(before);
  });

  it('[CL-Q-15] takes an answer only from the address asked, port 3544', () => {
    for (const from of ['203.0.113.120:3545', '203.0.113.121:3544', '198.51.100.1:3544']) {
      const world = new World();
      world.qualification.start(world.now);
      const [sent] = world.outputs.takeDatagrams();
      const { address, port } = endpoint(from);
      world.receive = (
        (receive) => (payload) =>
          receive.call(world, payload, { address, port })
      )(world.receive);
      world.answer(sent!, mapped);
      expect(world.drops).toEqual(['endpoint-mismatch']);
      expect(world.kind).toBe('soliciting-primary');
    }
  });

  const prefix = { word0: 0x20010000, word1: server.primary, word2: 0, word3: 0 };
  const linkLocal = { word0: 0xfe800000, word1: 0, word2: 1, word3: 1 };
  it.each([
    ['[CL-Q-09] no origin', { origin: undefined }, 'invalid-router-advertisement'],
    ['[SEC-13d] mapped port 0', { origin: { address: mapped.address, port: 0 } }, 'invalid-router-advertisement'],
    ['[CL-Q-10] source not link-local', { source: { ...prefix, word3: 1 } }, 'invalid-router-advertisement'],
    ['[CL-Q-10] hop limit', { hopLimit: 254 }, 'invalid-router-advertisement'],
    ['[CL-Q-10] type', { type: 133 }, 'invalid-router-advertisement'],
    ['[CL-Q-10] code', { code: 1 }, 'invalid-router-advertisement'],
    ['[CL-Q-10] checksum', { checksumError: 1 }, 'invalid-router-advertisement'],
    ['[CL-Q-11] destination', { destination: linkLocal }, 'invalid-router-advertisement'],
    ['[CL-Q-12] no prefix', { prefixes: [] }, 'invalid-router-advertisement'],
    [
      '[CL-Q-12] two prefixes',
      {
        prefixes: [
          { prefix, length: 64 },
          { prefix, length: 64 },
        ],
      },
      'invalid-router-advertisement',
    ],
    [
      '[CL-Q-13] another server',
      { prefixes: [{ prefix: { ...prefix, word1: ipv4('203.0.113.1') }, length: 64 }] },
      'invalid-router-advertisement',
    ],
    [
      '[CL-Q-13][CL-Q-30] another service prefix',
      { prefixes: [{ prefix: { ...prefix, word0: 0x20010db8 }, length: 64 }] },
      'invalid-router-advertisement',
    ],
    ['[CL-Q-14] length 32', { prefixes: [{ prefix, length: 32 }] }, 'invalid-router-advertisement'],
    ['[CL-Q-14] length 96', { prefixes: [{ prefix, length: 96 }] }, 'invalid-router-advertisement'],
    ['[CL-Q-16][CL-S-03][IO-05] nonce', { nonce: new Uint8Array(8) }, 'nonce-mismatch'],
    ['[CL-Q-16][CL-S-05] no Authentication', { nonce: undefined }, 'nonce-mismatch'],
  ])('[CL-Q-17] drops silently and goes on waiting: %s', (_, change, reason) => {
    const world = new World();
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    const before = world.qualification.state;
    world.alter = () => change;
    world.answer(sent!, mapped);
    expect(world.drops).toEqual([reason]);
    expect(world.qualification.state).toBe(before);
    expect(world.qualification.lastServerInteraction).toBe(Number.NEGATIVE_INFINITY);
    expect(world.outputs.datagrams).toEqual([]);
    // The same answer without the mistake does its work.
    world.alter = () => ({});
    world.answer(sent!, mapped);
    expect(world.kind).toBe('soliciting-secondary');
  });

  it('[CL-S-05] looks for the nonce in the datagram, not in what lies before it', () => {
    const world = new World();
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    const solicitation = { nonce: sent!.payload.slice(4, 12), source: world.qualification.linkLocal };
    const answer = advertisementBytes({ ...partsFor(server.primary, mapped, solicitation), nonce: undefined });
    const memory = Uint8Array.of(...solicitation.nonce, ...answer);
    const run = createDatagramRun(memory);
    run.sourceAddress = server.primary;
    run.sourcePort = 3544;
    pointRunAt(run, 8, answer.length);
    const layout = new DatagramLayout();
    expect(readDatagram(memory, 8, answer.length, layout)).toBeUndefined();
    expect(world.qualification.handleAdvertisement(run, layout, world.now)).toBe('nonce-mismatch');
  });

  it('[CL-S-03] drops a nonce that is wrong in any one bit', () => {
    for (let bit = 0; bit < 64; bit++) {
      const world = new World();
      world.qualification.start(world.now);
      const [sent] = world.outputs.takeDatagrams();
      world.alter = ({ nonce }) => {
        const changed = nonce!.slice();
        changed[bit >>> 3]! ^= 1 << (bit & 7);
        return { nonce: changed };
      };
      world.answer(sent!, mapped);
      expect(world.drops).toEqual(['nonce-mismatch']);
    }
  });
});

describe('off the path', () => {
  it('[SEC-02][CL-S-05] a flood of advertisements that are right but for the nonce changes nothing, in no state', () => {
    const random = seededRandom(11);
    const forged = endpoint('192.0.2.66:6666');
    const flood = (world: World, respondent: Ipv4Value): void => {
      const state = world.qualification.state;
      const before = world.drops.length;
      for (let i = 0; i < 2_000; i++) {
        const nonce = new Uint8Array(8);
        random.fill(nonce);
        const solicitation = { nonce, source: world.qualification.linkLocal };
        const payload = advertisementBytes(partsFor(server.primary, forged, solicitation));
        world.receive(payload, { address: respondent, port: 3544 });
      }
      const reasons = new Set(world.drops.slice(before));
      expect([...reasons]).toEqual([
        state.kind === 'qualified' ? 'unsolicited-router-advertisement' : 'nonce-mismatch',
      ]);
      expect(world.qualification.state).toBe(state);
    };
    const world = new World();
    world.qualification.start(world.now);
    flood(world, server.primary);
    world.answer(world.outputs.takeDatagrams()[0]!, mapped);
    expect(world.kind).toBe('soliciting-secondary');
    flood(world, server.secondary);
    world.settle();
    expect(world.kind).toBe('qualified');
    flood(world, server.primary);
    world.mappingTowards = silent;
    world.pass(30_000);
    expect(world.kind).toBe('refreshing');
    flood(world, server.primary);
    world.mappingTowards = () => mapped;
    world.pass(4_000);
    expect(world.qualification.assignment?.mapped).toEqual(mapped);
    expect(world.kind).toBe('qualified');
  });
});

describe('address of the solicitation', () => {
  it('[CL-Q-11] a new attempt uses a source that answers to the old one do not fit', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start();
    const before = world.qualification.linkLocal;
    world.pass(12_000);
    world.pass(33_000);
    expect(ipv6Equals(world.qualification.linkLocal, before)).toBe(false);
  });
});
