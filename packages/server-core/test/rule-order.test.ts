import { type Ipv4Endpoint, parseIpv4, parseIpv6, writeIpv6 } from '@navalis/address';
import { RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createServerEngine, type ServerOptions } from '../src/index.ts';
import { alice, aliceEndpoint, bob, bubble, packetOf, policy, primary, secondary, solicitation } from './packets.ts';

const privateEndpoint: Ipv4Endpoint = { address: parseIpv4('10.0.0.1')!, port: 4096 };

/** Returns the drop reason that counts the one datagram, after checking that nothing left. */
function dropOf(datagram: Uint8Array, from: Ipv4Endpoint, options: Partial<ServerOptions> = {}) {
  const outputs = new RecordingOutputs();
  const engine = createServerEngine(
    { primary, secondary, policy, rateLimit: true, ...options },
    outputs,
    seededRandom(1),
  );
  engine.start(0);
  receiveDatagram(engine, datagram, from, 0);
  expect([outputs.takeDatagrams(), outputs.takePackets()]).toEqual([[], []]);
  return engine.status().counters.drops;
}

describe('the rules of a server', () => {
  it.each([
    ['2', packetOf(6, alice, bob, new Uint8Array(20)).slice(0, 50), aliceEndpoint],
    ['3', bubble(alice, bob).slice(0, 30), privateEndpoint],
    ['4', solicitation.slice(0, 47), privateEndpoint],
  ])('[SV-R-10a] what fails rules 1 and %s counts under rule 1', (_, datagram, from) => {
    const [reason, ...others] = Object.keys(dropOf(datagram, from));
    expect(others).toEqual([]);
    expect(reason).toMatch(/^truncated-|^ipv6-length/);
  });

  it('[SV-R-10b] a datagram that fails rules 2 and 3 counts under rule 2', () => {
    const datagram = packetOf(6, alice, bob, new Uint8Array(20));
    expect(dropOf(datagram, privateEndpoint)).toEqual({ 'not-bubble-nor-icmpv6': 1 });
  });

  it('[SV-R-10c] a datagram that fails rule 3 and a later one counts under rule 3, also an invalid solicitation', () => {
    const invalid = solicitation.slice();
    invalid[47]! ^= 1;
    const native = parseIpv6('2a00:1::1')!;
    for (const datagram of [invalid, bubble(alice, bob), bubble(native, native)]) {
      expect(dropOf(datagram, privateEndpoint)).toEqual({ 'source-not-global': 1 });
    }
  });

  it('[SV-R-10d] a solicitation that fails rule 4 is not tried by those behind it', () => {
    expect(dropOf(solicitation, aliceEndpoint, { requireSecure: true })).toEqual({ 'authentication-failed': 1 });
    // A Teredo source that rule 5 would accept makes no solicitation of what is not link-local.
    const routable = solicitation.slice();
    writeIpv6(routable, 8, alice);
    expect(dropOf(routable, aliceEndpoint, { requireSecure: true })).toEqual({ 'icmpv6-type-not-forwarded': 1 });
  });
});
