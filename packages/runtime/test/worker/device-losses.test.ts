import { Counters } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { DeviceLosses } from '../../src/worker/device-losses.ts';

/** An IPv6 packet with this next header and payload. */
function packet(nextHeader: number, ...payload: number[]): number[] {
  const addresses = Array.from({ length: 32 }, () => 0x20);
  return [0x60, 0, 0, 0, 0, payload.length, nextHeader, 64, ...addresses, ...payload];
}
const bubble = packet(59);
const data = packet(17, 0, 1, 0, 1, 0, 8, 0, 0);
const icmpv6 = (type: number) => packet(58, type, 0, 0, 0, 0, 0, 0, 0);
const origin = [0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const authentication = [0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0];

/** An engine that counted a hundred of each. */
function counted() {
  const counters = new Counters();
  for (const name of Object.keys(counters.snapshot())) if (name !== 'drops') Object.assign(counters, { [name]: 100 });
  return counters.snapshot();
}

/** Returns the remaining counts, of a hundred each. */
function afterLosing(lose: (losses: DeviceLosses) => void) {
  const losses = new DeviceLosses();
  lose(losses);
  const { drops, ...totals } = losses.correct(counted());
  return Object.fromEntries(Object.entries(totals).filter(([, total]) => total !== 100));
}

describe('[WF-29] what devices did not get rid of', () => {
  it.each([
    ['data', data, { octetsSent: 52 }],
    ['a bubble', bubble, { octetsSent: 60, bubblesSent: 99 }],
    ['a bubble with an origin', [...origin, ...bubble], { octetsSent: 52, bubblesSent: 99 }],
    ['a bubble with a trailer', [...bubble, 4, 1, 0], { octetsSent: 57, bubblesSent: 99 }],
    ['a solicitation', icmpv6(133), { octetsSent: 52, solicitationsSent: 99 }],
    ['a solicitation with a nonce', [...authentication, ...icmpv6(133)], { octetsSent: 39, solicitationsSent: 99 }],
    ['an advertisement', [...authentication, ...origin, ...icmpv6(134)], { octetsSent: 31, advertisementsSent: 99 }],
    ['an echo request', icmpv6(128), { octetsSent: 52 }],
    ['half a datagram', data.slice(0, 44), { octetsSent: 56 }],
  ])('was not sent: %s', (_, octets, left) => {
    const memory = Uint8Array.from([9, 9, 9, ...octets, 9]);
    expect(
      afterLosing(({ sockets }) => {
        sockets.drop('send-failed');
        sockets.lost?.(memory, 3, octets.length);
      }),
    ).toEqual({ datagramsSent: 99, ...left });
  });

  it.each([
    ['data', data, {}],
    ['an error', icmpv6(1), { errorsSent: 99 }],
    ['another error', icmpv6(127), { errorsSent: 99 }],
    ['an echo request', icmpv6(128), {}],
  ])('was not delivered: %s', (_, octets, left) => {
    expect(
      afterLosing(({ host }) => {
        host.drop('send-failed');
        host.lost?.(Uint8Array.from(octets), 0, octets.length);
      }),
    ).toEqual({ packetsDelivered: 99, ...left });
  });

  it('of many by their number; what could not be read was never sent', () => {
    expect(
      afterLosing(({ sockets, host }) => {
        sockets.drop('send-buffer-full', 12);
        host.drop('tunnel-write-failed', 5);
        host.drop('tunnel-read-malformed', 50);
      }),
    ).toEqual({ datagramsSent: 88, packetsDelivered: 95 });
  });

  it('is told by reason, with what the engine dropped for the same', () => {
    const losses = new DeviceLosses();
    losses.sockets.drop('send-failed', 2);
    losses.host.drop('send-failed', 3);
    const own = { ...counted(), drops: { 'send-failed': 1, 'rule-7': 4 } };
    expect(losses.correct(own).drops).toEqual({ 'send-failed': 6, 'rule-7': 4 });
  });
});
