import { allExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, destinationOf, endpoint, ipv6, joined, sourceOf, withOrigin } from './packets.ts';
import { isTo, peer, serverEndpoint, World } from './world.ts';

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (octet) => Number.parseInt(octet, 16));
}

/** The trailers of a bubble, in hexadecimal. */
function trailersOf({ payload }: { readonly payload: Uint8Array }): string {
  return Array.from(payload.subarray(40), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** As Windows sends them: Nonce, Alternate Address (two private ones) and Random Port. */
const nonce = '01046b6b6b6b';
const alternates = '030e0000c0a8010ac0000a000007c000';
const randomPort = '05023039';
const solicitation = '040400000000';
const advertisement = '040401000000';

/** Trailers that this client adds to its own indirect bubble: a nonce of its own, and its local endpoint. */
const ownTrailers = /^0104[0-9a-f]{8}(0502[0-9a-f]{4})?030800000a000002c000$/;

describe('bubbles as Windows clients were captured sending them, with all extensions on', () => {
  it.each([
    ['as they are', [nonce, alternates, randomPort]],
    ['in another order', [randomPort, alternates, nonce]],
    ['with the trailers that Windows also sends', [nonce, solicitation]],
    ['with an unknown trailer in between', [nonce, '8102ffff', alternates]],
  ])(
    '[SNS-04][SNS-11][HP-12][HP-13] %s: answered straight with the same nonce, and through the server',
    (_, trailers) => {
      const world = World.qualified({ extensions: allExtensions });
      const asked = joined(bubble(peer.address, world.address), unhex(trailers.join('')));
      world.receive(withOrigin(asked, peer.endpoint), serverEndpoint);
      const sent = world.sent();
      const [direct, ...more] = sent.filter((each) => isTo(each, peer.endpoint));
      expect(trailersOf(direct!)).toBe(trailers.includes(solicitation) ? nonce + advertisement : nonce);
      expect([sourceOf(direct!.payload), destinationOf(direct!.payload)]).toEqual([world.address, peer.address]);
      const indirect = sent.filter((each) => isTo(each, peer.server));
      expect(indirect.map(trailersOf)).toEqual([expect.stringMatching(ownTrailers)]);
      // Nothing goes to the private endpoints of a peer behind another NAT, and nothing is trusted yet.
      const toRandomPort = sent.filter((each) => isTo(each, { ...peer.endpoint, port: 0x3039 }));
      expect(sent.length).toBe(2 + toRandomPort.length);
      expect(more).toEqual([]);
      world.host(dataPacket(world.address, peer.address));
      expect(world.sent().some(({ payload }) => payload.length === 60)).toBe(false);
    },
  );

  it('[CL-R-08][CL-R-36][SNS-04] passed on by the own server without origin: the nonce goes to the embedded endpoint', () => {
    const microsoft = endpoint('65.55.158.80:3544');
    const servers = [{ primary: microsoft.address, secondary: microsoft.address + 1 }];
    const world = new World({ servers, extensions: allExtensions });
    world.answerers = servers;
    world.start();
    const source = ipv6('2001:0:4137:9e50:c21:3ca8:39cc:9bf8');
    const embedded = { address: (0x39cc9bf8 ^ 0xffffffff) >>> 0, port: 0x3ca8 ^ 0xffff };
    world.receive(joined(bubble(source, world.address, 21), unhex(nonce)), microsoft);
    const [direct, indirect, ...more] = world.sent();
    expect([isTo(direct!, embedded), trailersOf(direct!)]).toEqual([true, nonce]);
    expect([isTo(indirect!, microsoft), trailersOf(indirect!)]).toEqual([true, expect.stringMatching(ownTrailers)]);
    expect(more).toEqual([]);
  });

  /** A client that the peer's direct bubble has just reached. */
  function acquainted(): World {
    const world = World.qualified({ extensions: allExtensions });
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.sent();
    world.pass(2000);
    return world;
  }

  it('[SLR-06][SLR-07] a solicitation straight from a peer is answered by one advertisement, an advertisement by nothing', () => {
    const world = acquainted();
    world.receive(joined(bubble(peer.address, world.address), unhex(solicitation)), peer.endpoint);
    const sent = world.sent();
    expect(sent.map((each) => [isTo(each, peer.endpoint), trailersOf(each)])).toEqual([[true, advertisement]]);
    world.pass(2000);
    world.sent();
    world.receive(joined(bubble(peer.address, world.address), unhex(advertisement)), peer.endpoint);
    expect(world.sent()).toEqual([]);
  });

  it('[SLR-13] a solicitation from elsewhere is not answered by an advertisement', () => {
    const world = acquainted();
    world.receive(joined(bubble(peer.address, world.address), unhex(solicitation)), endpoint('198.51.100.99:9999'));
    expect(world.sent().map(trailersOf)).not.toContain(advertisement);
  });
});
