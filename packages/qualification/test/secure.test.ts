import type { SentDatagram } from '@navalis/engine/testing';
import { DatagramLayout, MessageAuthenticator, readDatagram, type SecureCredentials } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { advertisementBytes, partsFor } from './advertisement-bytes.ts';
import { ipv4, mapped, otherServer, server, World } from './world.ts';

const alice: SecureCredentials = {
  clientIdentifier: ascii('alice'),
  secret: ascii('teredo-test-secret'),
  algorithm: 'hmac-sha1',
};

const thirdServer = { primary: ipv4('192.0.2.130'), secondary: ipv4('192.0.2.131') };

/** A world whose servers know alice's secret; the test says how their answers are authenticated. */
class SecureWorld extends World {
  readonly seen: { readonly verified: boolean; readonly confirmation: number; readonly nonce: string }[] = [];
  credentials: SecureCredentials | undefined = alice;
  confirmation = 0;
  tamper: (payload: Uint8Array) => Uint8Array = (payload) => payload;

  constructor(servers = [server]) {
    super({ secure: alice, servers });
  }

  override answer(sent: SentDatagram): void {
    const layout = new DatagramLayout();
    expect(readDatagram(sent.payload, 0, sent.payload.length, layout)).toBeUndefined();
    const verified = new MessageAuthenticator(alice).verify(sent.payload, layout);
    const nonce = sent.payload.slice(layout.nonceOffset, layout.nonceOffset + 8);
    this.seen.push({ verified, confirmation: layout.confirmation, nonce: nonce.join() });
    const owner = [server, otherServer].find((each) => Object.values(each).includes(sent.address))!;
    const solicitation = { nonce, source: this.qualification.linkLocal };
    const plain = advertisementBytes(partsFor(owner.primary, mapped, solicitation));
    const payload = this.credentials === undefined ? plain : this.#seal(plain, nonce, this.credentials);
    this.receive(this.tamper(payload), { address: sent.address, port: 3544 });
  }

  #seal(plain: Uint8Array, nonce: Uint8Array, credentials: SecureCredentials): Uint8Array {
    const authenticator = new MessageAuthenticator(credentials);
    const rest = plain.slice(13);
    const bytes = new Uint8Array(authenticator.length + rest.length);
    authenticator.begin(bytes, 0, nonce, this.confirmation);
    bytes.set(rest, authenticator.length);
    authenticator.finish(bytes, 0, bytes.length);
    return bytes;
  }
}

function refused(prepare: (world: SecureWorld) => void): SecureWorld {
  const world = new SecureWorld();
  prepare(world);
  world.start();
  world.pass(12_000);
  expect(world.kind).toBe('off-line');
  expect(world.qualification.assignment).toBeUndefined();
  return world;
}

describe('secure qualification of a client', () => {
  it('[CL-S-01][CL-S-02][CL-S-06] every solicitation is authenticated with a nonce of its own, refreshes too', () => {
    const world = new SecureWorld();
    world.start();
    expect(world.kind).toBe('qualified');
    world.pass(60_000);
    expect(world.seen.length).toBeGreaterThan(3);
    for (const { verified, confirmation } of world.seen)
      expect({ verified, confirmation }).toEqual({ verified: true, confirmation: 0 });
    expect(new Set(world.seen.map(({ nonce }) => nonce)).size).toBe(world.seen.length);
  });

  it('[CL-S-01][CL-S-13] a plain server, or one that strips the value, does not qualify it', () => {
    const world = refused((each) => {
      each.credentials = undefined;
    });
    expect(new Set(world.drops)).toEqual(new Set(['authentication-failed']));
  });

  it('[CL-S-17] a refresh is authenticated as the first solicitation is, and so must its answer be', () => {
    const lies: readonly ((world: SecureWorld) => void)[] = [
      (world) => {
        world.credentials = undefined;
      },
      (world) => {
        world.credentials = { ...alice, secret: ascii('wrong') };
      },
      (world) => {
        world.credentials = { ...alice, clientIdentifier: ascii('mallory') };
      },
    ];
    for (const lie of lies) {
      const world = new SecureWorld();
      world.start();
      const { assignment } = world.qualification;
      const before = world.seen.length;
      lie(world);
      world.pass(31_000);
      expect(world.kind).toBe('refreshing');
      expect(world.seen.length).toBeGreaterThan(before);
      expect(new Set(world.seen.map(({ verified }) => verified))).toEqual(new Set([true]));
      expect(world.drops).toContain('authentication-failed');
      expect(world.qualification.assignment).toBe(assignment);
      world.pass(11_000);
      expect(world.qualification.assignment).toBeUndefined();
    }
  });

  it('says that no answer proves the secret, which a silent server does not tell apart from a wrong secret', () => {
    const wrong = refused((world) => {
      world.credentials = { ...alice, secret: ascii('wrong') };
    });
    const silent = refused((world) => {
      world.answer = () => undefined;
    });
    for (const { qualification } of [wrong, silent]) {
      expect(qualification.state).toMatchObject({ reason: 'no-authenticated-answer' });
    }
  });

  it('[CL-S-10] a wrong secret, and each octet of the value flipped', () => {
    refused((world) => {
      world.credentials = { ...alice, secret: ascii('wrong') };
    });
    for (let octet = 9; octet < 29; octet++) {
      refused((world) => {
        world.tamper = (payload) => payload.map((value, at) => (at === octet ? value ^ 1 : value));
      });
    }
  });

  it('[CL-S-12] a valid value under another identifier is refused', () => {
    refused((world) => {
      world.credentials = { ...alice, clientIdentifier: ascii('alicf') };
    });
  });

  it('[CL-S-10] another algorithm than agreed upon is refused', () => {
    refused((world) => {
      world.credentials = { ...alice, algorithm: 'hmac-sha256' };
    });
  });

  it('[CL-S-07] confirmation other than 0: the answer is used, and renewal is reported once for each server', () => {
    const world = new SecureWorld([server, otherServer]);
    world.confirmation = 7;
    world.start();
    world.pass(600_000);
    expect(world.kind).toBe('qualified');
    expect(world.seen.length).toBeGreaterThan(20);
    const renewals = () => world.outputs.events.filter(({ kind }) => kind === 'renew-key');
    expect(renewals()).toEqual([{ kind: 'renew-key', server: server.primary }]);
    // Also over a stop, and again only for another server.
    world.qualification.stop(world.now);
    world.start();
    expect(renewals()).toHaveLength(1);
    world.qualification.replaceServers([otherServer], world.now);
    world.settle();
    expect(renewals().slice(1)).toEqual([{ kind: 'renew-key', server: otherServer.primary }]);
    // A server that was no longer listed is a new one when it comes back.
    world.qualification.replaceServers([server], world.now);
    world.settle();
    expect(renewals()).toHaveLength(3);
    const back = world.outputs.events.length;
    // While it is listed, it is told once.
    for (const servers of [[server], [otherServer, server], [server, otherServer]]) {
      world.qualification.replaceServers(servers, world.now);
      world.qualification.refresh(world.now);
      world.settle();
    }
    expect(world.outputs.events).toHaveLength(back);
    world.qualification.replaceServers([otherServer], world.now);
    world.settle();
    const again = renewals().length;
    world.qualification.replaceServers([server, thirdServer], world.now);
    world.settle();
    expect(renewals().slice(again)).toEqual([{ kind: 'renew-key', server: server.primary }]);
    const calm = new SecureWorld();
    calm.start();
    expect(calm.eventKinds()).not.toContain('renew-key');
  });
});

describe('a client without a secret', () => {
  it('[CL-S-01] sends whole solicitations beside a client with one, whose are longer', () => {
    const [secure, plain] = [new SecureWorld(), new World()];
    const lengths = [secure, plain, secure, plain].map((world) => {
      world.qualification.start(world.now);
      const [sent] = world.outputs.takeDatagrams();
      world.qualification.stop(world.now);
      return sent!.payload.length;
    });
    // An Authentication element of 38 octets with identifier and value, of 13 with a nonce alone, and a packet of 48.
    expect(lengths).toEqual([38 + 48, 13 + 48, 38 + 48, 13 + 48]);
  });

  it('[CL-S-07] ignores the request to renew its secret', () => {
    const world = new World();
    world.qualification.start(world.now);
    const [sent] = world.outputs.takeDatagrams();
    const solicitation = { nonce: sent!.payload.slice(4, 12), source: world.qualification.linkLocal };
    const answer = advertisementBytes(partsFor(server.primary, mapped, solicitation));
    answer[12] = 7;
    expect(world.receive(answer, { address: server.primary, port: 3544 })).toBeUndefined();
    expect(world.eventKinds()).toEqual(['qualification-started']);
  });
});

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
