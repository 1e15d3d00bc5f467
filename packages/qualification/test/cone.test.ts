import { teredoFlags } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import type { QualificationOptions } from '../src/index.ts';
import { endpoint, local, mapped, otherServer, server, World } from './world.ts';

/** A client that looks for a cone NAT first, as before RFC 5991. */
class ConeWorld extends World {
  /** The cone bit of each solicitation that was answered. */
  readonly answered: boolean[] = [];
  /** Whether the NAT lets in what comes from an address that was not sent to. */
  isCone = true;

  constructor(servers = [server], options: Partial<QualificationOptions> = {}) {
    super({ servers, trustsConeBit: true, ...options });
  }

  override answer(...[sent, seen]: Parameters<World['answer']>): void {
    const hasConeBit = (sent.payload[13 + 8 + 8]! & 0x80) !== 0;
    if (!hasConeBit) {
      super.answer(sent, seen);
      return;
    }
    // Servers answer such solicitations from their other address.
    if (!this.isCone) return;
    this.answered.push(true);
    const owner = [server, otherServer].find((each) => each.primary === sent.address)!;
    this.answerFrom(owner.secondary, sent, seen);
  }
}

const coneBitOf = (world: World) => world.qualification.assignment!.address.word2 >>> 31;

describe('the cone phase', () => {
  it('[CL-Q-03][CL-Q-19][CL-N-01][CL-Q-24] behind a cone NAT one answer from the other address gives the address', () => {
    const world = new ConeWorld().start();
    expect(world.kind).toBe('qualified');
    expect(world.solicitations).toHaveLength(1);
    expect(world.qualification.assignment).toMatchObject({ mapped, nat: 'cone' });
    expect(coneBitOf(world)).toBe(1);
    expect(world.qualification.linkLocal.word2 >>> 16).toSatisfy((flags: number) => (flags & teredoFlags.cone) !== 0);
  });

  it('[CL-Q-07][CL-Q-05][CL-Q-06] behind another NAT it fails after 12 s, and the procedure begins again without the bit', () => {
    const world = new ConeWorld();
    world.isCone = false;
    world.start();
    world.pass(11_999);
    expect(world.kind).toBe('soliciting-cone');
    expect(world.solicitations.map(({ at }) => at - 1000)).toEqual([0, 4_000, 8_000]);
    world.pass(1);
    expect(world.qualification.assignment).toMatchObject({ mapped, nat: 'restricted' });
    expect(coneBitOf(world)).toBe(0);
  });

  it('[CL-N-12] behind a cone NAT the client forgets that the NAT before it was symmetric', () => {
    const world = new ConeWorld([server], { acceptsSymmetricNat: true });
    world.isCone = false;
    world.mappingTowards = (address) => (address === server.primary ? mapped : endpoint('192.0.2.1:5000'));
    world.start().pass(12_000);
    expect(world.qualification.assignment).toMatchObject({ nat: 'symmetric' });
    world.qualification.stop(world.now);
    world.isCone = true;
    world.start();
    expect(world.qualification.assignment).toMatchObject({ nat: 'cone' });
  });

  it('[CL-Q-08] without any answer the client is off-line after 24 s', () => {
    const world = new ConeWorld();
    world.mappingTowards = () => undefined;
    world.start();
    world.pass(23_999);
    expect(world.kind).not.toBe('off-line');
    world.pass(1);
    expect(world.kind).toBe('off-line');
  });

  it('[CL-N-01] an answer from the address asked shows no cone', () => {
    const world = new ConeWorld();
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    world.answerFrom(server.primary, sent!, mapped);
    expect(world.drops).toEqual(['endpoint-mismatch']);
    expect(world.kind).toBe('soliciting-cone');
  });

  it('[CL-S-14] takes no answer to it in the phase that follows', () => {
    const world = new ConeWorld();
    world.isCone = false;
    world.start();
    const [first] = world.solicitations;
    world.mappingTowards = () => undefined;
    world.pass(12_000);
    expect(world.kind).toBe('soliciting-primary');
    world.answerFrom(server.primary, first!.datagram, mapped);
    expect(world.drops).toEqual(['nonce-mismatch']);
  });

  it('[CL-Q-25] a mapped address that is not global ends it', () => {
    const world = new ConeWorld();
    world.mappingTowards = () => endpoint('10.1.1.1:99');
    world.start();
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'mapped-not-global' });
  });

  it('[CL-M-06][CL-M-13] refreshes with the bit that earned the address, and the other address counts as the server', () => {
    const world = new ConeWorld().start();
    world.pass(120_000);
    expect(world.kind).toBe('qualified');
    expect(world.answered.length).toBe(world.solicitations.length);
    expect(world.answered.length).toBeGreaterThan(3);
    expect(world.now - world.qualification.lastServerInteraction).toBeLessThanOrEqual(30_000);
    expect(world.eventKinds()).toEqual(['qualification-started', 'address-assigned']);
  });

  it('a NAT that is no cone any more costs the address, and gives one without the bit', () => {
    const world = new ConeWorld().start();
    world.isCone = false;
    world.pass(60_000);
    expect(world.qualification.assignment).toMatchObject({ nat: 'restricted' });
    expect(coneBitOf(world)).toBe(0);
  });

  it('without a NAT is none, with the bit set', () => {
    const world = new ConeWorld();
    world.qualification.networkChanged(world.now, mapped);
    world.mappingTowards = () => mapped;
    world.start();
    expect(world.qualification.assignment).toMatchObject({ nat: 'none' });
    expect(coneBitOf(world)).toBe(1);
  });

  it('[CL-C-09] goes back to a preferred server that answers from its other address', () => {
    const world = new ConeWorld([server, otherServer]);
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.start();
    world.pass(60_000);
    expect(world.qualification.server).toBe(otherServer);
    world.mappingTowards = () => mapped;
    world.pass(700_000);
    expect(world.qualification.server).toBe(server);
    expect(coneBitOf(world)).toBe(1);
  });
});

describe('port preservation', () => {
  it.each([
    ['kept', local.port, true],
    ['changed', local.port + 1, false],
  ])('[CL-N-05] is told by the primary address: %s', (_, port, isKept) => {
    const world = new World();
    expect(world.qualification.isPortPreserving).toBeUndefined();
    world.mappingTowards = (address) => ({ ...mapped, port: address === server.primary ? port : 9 });
    world.start();
    expect(world.kind).toBe('off-line');
    expect(world.qualification.isPortPreserving).toBe(isKept);
  });
});
