import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { Channels, noChannel } from '../src/client/channels.ts';
import { ipv4 } from './world.ts';

const address = ipv4('203.0.113.0');
const port = 40_000;
const start = 1_000_000;

function emptyChannels(): Channels {
  return new Channels(seededRandom(3));
}

/** Counts 3 datagrams to each of so many ports, and asks for channels. */
function channelsAsked(count: number, now = start): Channels {
  const channels = emptyChannels();
  for (let row = 0; row < count; row++) {
    expect(channels.count(address, port + row, 3, now)).toBe(row);
    expect(channels.ask(row, now)).toBe(0x4000 + row);
  }
  return channels;
}

function channelsBound(count: number, now = start): Channels {
  const channels = channelsAsked(count, now);
  for (let row = 0; row < count; row++) channels.bind(row, now);
  expect(channels.bound).toBe(count);
  return channels;
}

describe('counted endpoints', () => {
  it('are none at first', () => {
    const channels = emptyChannels();
    expect(noChannel).toBe(0);
    expect(channels.bound).toBe(0);
    expect(channels.use(address, port, start)).toBe(0);
    expect(channels.use(0, 0, start)).toBe(0);
    expect(channels.receive(0x4000, start)).toBe(-1);
    expect(channels.usedAt(address)).toBe(Number.NEGATIVE_INFINITY);
    expect(channels.dueForRenewal(start)).toBe(-1);
    expect(channels.nextRenewalAt()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[TU-08] want a channel from the third datagram on', () => {
    const channels = emptyChannels();
    expect([1, 2, 3, 4].map(() => channels.count(address, port, 1, start))).toEqual([-1, -1, 0, 0]);
    expect(channels.count(address, port + 1, 2, start)).toBe(-1);
    expect(channels.count(address, port + 1, 1, start)).toBe(1);
    expect(channels.count(address, port + 2, 3, start)).toBe(2);
    expect([0, 1, 2].map((row) => channels.address(row))).toEqual([0xcb00_7100, 0xcb00_7100, 0xcb00_7100]);
    expect([0, 1, 2].map((row) => channels.port(row))).toEqual([40_000, 40_001, 40_002]);
    expect([0, 1, 2].map((row) => channels.channelOf(row))).toEqual([0, 0, 0]);
  });

  it('want a channel as well when a run has more packets than the count holds', () => {
    const channels = emptyChannels();
    expect(channels.count(address, port, 256, start)).toBe(0);
    expect(channels.count(address, port, 1, start)).toBe(0);
  });

  it('differ by address or port, whichever was looked up last', () => {
    const channels = emptyChannels();
    const endpoints = [
      [address, port],
      [address + 1, port],
      [address, port + 1],
    ] as const;
    for (const [row, [to, toPort]] of endpoints.entries()) expect(channels.count(to, toPort, 3, start)).toBe(row);
    for (const [row, [to, toPort]] of endpoints.entries()) expect(channels.count(to, toPort, 1, start)).toBe(row);
    expect(endpoints.map((_, row) => channels.port(row))).toEqual([40_000, 40_000, 40_001]);
    expect(endpoints.map((_, row) => channels.address(row))).toEqual([0xcb00_7100, 0xcb00_7101, 0xcb00_7100]);
  });

  it('make room, when there are 512, by the one that was used least recently', () => {
    const channels = emptyChannels();
    for (let row = 0; row < 512; row++) expect(channels.count(address, port + row, 3, start)).toBe(row);
    for (let row = 0; row < 512; row++) channels.count(address, port + row, 1, start + (row === 300 ? 1 : 2));
    expect(channels.count(address + 1, port, 2, start + 3)).toBe(-1);
    // The new one begins at 0 and has the row of the one that was evicted.
    expect(channels.count(address + 1, port, 1, start + 3)).toBe(300);
    expect([channels.address(300), channels.port(300)]).toEqual([0xcb00_7101, 40_000]);
    expect(channels.count(address, port + 299, 1, start + 3)).toBe(299);
    expect(channels.count(address, port + 301, 1, start + 3)).toBe(301);
  });

  it('make room by the lowest row when all were used at one time', () => {
    const channels = emptyChannels();
    for (let row = 0; row < 512; row++) channels.count(address, port + row, 3, start);
    expect(channels.count(address + 1, port, 3, start + 1)).toBe(0);
    expect(channels.count(address + 2, port, 3, start + 1)).toBe(1);
  });

  it('stay, while others make room, when they have a channel', () => {
    const channels = channelsBound(2);
    for (let row = 2; row < 512; row++) channels.count(address, port + row, 3, start + (row === 2 ? 1 : 2));
    expect(channels.count(address + 1, port, 3, start + 3)).toBe(2);
    expect(channels.use(address, port, start + 3)).toBe(0x4000);
    expect(channels.use(address, port + 1, start + 3)).toBe(0x4001);
  });

  it('have no refusal in their row from the endpoint that was evicted', () => {
    const channels = channelsAsked(1);
    channels.refuse(0);
    for (let row = 1; row < 512; row++) channels.count(address, port + row, 3, start + 1);
    expect(channels.count(address + 1, port, 3, start + 1)).toBe(0);
  });
});

describe('channels', () => {
  it('[TU-08] have the numbers from 0x4000 on, 256 at most', () => {
    const channels = channelsAsked(256);
    expect(channels.count(address, port + 256, 3, start)).toBe(256);
    expect(channels.ask(256, start)).toBe(0);
    // Asked for again later, then.
    expect(channels.count(address, port + 256, 1, start)).toBe(256);
    expect([0, 255, 256].map((row) => channels.channelOf(row))).toEqual([0x4000, 0x40ff, 0]);
    expect([0x3fff, 0x4000, 0x40ff, 0x4100].map((channel) => channels.receive(channel, start))).toEqual([
      -1, 0, 255, -1,
    ]);
  });

  it('are of use only when they are bound', () => {
    const channels = channelsAsked(1);
    expect(channels.bound).toBe(0);
    expect(channels.use(address, port, start)).toBe(0);
    expect(channels.count(address, port, 1, start)).toBe(-1);
    channels.bind(0, start);
    expect(channels.bound).toBe(1);
    expect(channels.use(address, port, start)).toBe(0x4000);
    expect(channels.use(address, port + 1, start)).toBe(0);
    expect(channels.count(address, port, 1, start)).toBe(-1);
  });

  it('stay the same when asked for again', () => {
    const channels = channelsBound(2);
    expect(channels.ask(0, start)).toBe(0x4000);
    expect(channels.ask(1, start)).toBe(0x4001);
    expect(channels.bound).toBe(0);
  });

  it('are of use until the permission ends, 300 s after their last binding', () => {
    const channels = channelsBound(1);
    expect(channels.use(address, port, start + 299_999)).toBe(0x4000);
    expect(channels.use(address, port, start + 300_000)).toBe(0);
    channels.bind(0, start + 300_000);
    expect(channels.use(address, port, start + 599_999)).toBe(0x4000);
  });

  it('are not bound for an endpoint that has none', () => {
    const channels = emptyChannels();
    channels.count(address, port, 3, start);
    channels.bind(0, start);
    expect(channels.bound).toBe(0);
    expect(channels.nextRenewalAt()).toBe(Number.POSITIVE_INFINITY);
    expect(channels.count(address, port, 1, start)).toBe(0);
  });

  it('that were refused leave their number to others, and their endpoint gets no other', () => {
    const channels = channelsBound(2);
    channels.refuse(0);
    expect(channels.bound).toBe(1);
    expect(channels.channelOf(0)).toBe(0);
    expect(channels.receive(0x4000, start)).toBe(-1);
    expect(channels.use(address, port, start)).toBe(0);
    expect(channels.count(address, port, 3, start)).toBe(-1);
    channels.refuse(1);
    expect(channels.nextRenewalAt()).toBe(Number.POSITIVE_INFINITY);
    expect(channels.count(address, port + 2, 3, start)).toBe(2);
    expect(channels.ask(2, start)).toBe(0x4000);
  });

  it('are not refused for an endpoint that has none', () => {
    const channels = emptyChannels();
    channels.count(address, port, 3, start);
    channels.refuse(0);
    expect(channels.count(address, port, 1, start)).toBe(0);
  });

  it('without a response are asked for again after 3 more datagrams, with the same number', () => {
    const channels = channelsAsked(2);
    channels.forget(1);
    expect([1, 2, 3].map(() => channels.count(address, port + 1, 1, start))).toEqual([-1, -1, 1]);
    expect(channels.ask(1, start)).toBe(0x4001);
    expect(channels.receive(0x4001, start)).toBe(1);
  });

  it('tell when an address was last used through one of them', () => {
    const channels = channelsBound(3);
    channels.count(address + 1, port, 1, start + 90);
    expect(channels.usedAt(address)).toBe(start);
    channels.use(address, port, start + 70);
    channels.receive(0x4001, start + 80);
    channels.receive(0x4002, start + 60);
    expect(channels.usedAt(address)).toBe(start + 80);
    expect(channels.usedAt(address + 1)).toBe(Number.NEGATIVE_INFINITY);
    expect(channels.usedAt(0)).toBe(Number.NEGATIVE_INFINITY);
    channels.count(address, port + 2, 1, start + 100);
    expect(channels.usedAt(address)).toBe(start + 100);
  });
});

describe('renewal of channels', () => {
  it('[TU-08] is due after 240 s, once, for those in use', () => {
    const channels = channelsBound(1);
    channels.use(address, port, start + 1);
    expect(channels.nextRenewalAt()).toBe(start + 240_000);
    expect(channels.dueForRenewal(start + 239_999)).toBe(-1);
    expect(channels.nextRenewalAt()).toBe(start + 240_000);
    expect(channels.dueForRenewal(start + 240_000)).toBe(0);
    expect(channels.dueForRenewal(start + 240_000)).toBe(-1);
    expect(channels.nextRenewalAt()).toBe(Number.POSITIVE_INFINITY);
    channels.bind(0, start + 240_001);
    expect(channels.nextRenewalAt()).toBe(start + 480_001);
  });

  it('is not due for those that were not used since they were bound: they end', () => {
    const channels = channelsBound(3);
    channels.use(address, port, start);
    channels.receive(0x4001, start + 1);
    channels.receive(0x4002, start + 1);
    expect(channels.dueForRenewal(start + 240_000)).toBe(1);
    expect(channels.bound).toBe(2);
    expect(channels.use(address, port, start + 240_000)).toBe(0);
    expect(channels.channelOf(0)).toBe(0x4000);
    expect(channels.dueForRenewal(start + 240_000)).toBe(2);
    expect(channels.dueForRenewal(start + 240_000)).toBe(-1);
    expect(channels.count(address, port, 2, start + 240_000)).toBe(-1);
    expect(channels.count(address, port, 1, start + 240_000)).toBe(0);
  });

  it('is planned for the one that is due first', () => {
    const channels = channelsBound(3);
    channels.bind(0, start + 20);
    channels.bind(1, start + 10);
    channels.bind(2, start + 30);
    expect(channels.nextRenewalAt()).toBe(start + 240_010);
  });

  it('is due at once for bound channels, and for no others, when they are doubted', () => {
    const channels = channelsBound(4);
    channels.ask(1, start);
    channels.refuse(2);
    for (let row = 0; row < 4; row++) channels.count(address, port + row, 1, start + 1);
    channels.doubt();
    expect(channels.nextRenewalAt()).toBe(Number.NEGATIVE_INFINITY);
    expect(channels.dueForRenewal(start)).toBe(0);
    expect(channels.dueForRenewal(start)).toBe(3);
    expect(channels.dueForRenewal(start)).toBe(-1);
    // The one that was asked for keeps its time.
    expect(channels.nextRenewalAt()).toBe(start + 240_000);
  });
});

describe('numbers of channels that ended', () => {
  /** All 256 numbers are taken; those of rows 0 and 2 were left to end, and row 256 wants one. */
  function channelsEnded(): Channels {
    const channels = channelsBound(256);
    channels.count(address, port + 256, 3, start);
    channels.bind(0, start + 50);
    channels.forget(0);
    channels.forget(2);
    return channels;
  }

  it('[TU-08] go to another endpoint 900 s after their last binding', () => {
    const channels = channelsEnded();
    expect(channels.ask(256, start + 900_000)).toBe(0);
    expect(channels.ask(256, start + 900_001)).toBe(0x4002);
    expect(channels.channelOf(2)).toBe(0);
    expect(channels.channelOf(256)).toBe(0x4002);
    expect(channels.receive(0x4002, start + 900_001)).toBe(256);
    expect(channels.channelOf(0)).toBe(0x4000);
    expect(channels.receive(0x4000, start + 900_001)).toBe(0);
  });

  it('go to another endpoint as well when it is the first number', () => {
    const channels = channelsEnded();
    expect(channels.ask(256, start + 900_051)).toBe(0x4000);
    expect(channels.channelOf(0)).toBe(0);
    expect(channels.receive(0x4000, start + 900_051)).toBe(256);
  });

  it('stay with an endpoint that has been asked for again', () => {
    const channels = channelsEnded();
    channels.ask(0, start + 900_051);
    channels.ask(2, start + 900_051);
    expect(channels.ask(256, start + 900_051)).toBe(0);
  });

  it('stay with an endpoint whose channel was not renewed, but did not end', () => {
    const channels = channelsBound(256);
    channels.count(address, port + 256, 3, start);
    expect(channels.ask(256, start + 2_000_000)).toBe(0);
  });

  it('[TU-08] stay with an endpoint for 900 s after they were asked for without a response, since the server may have bound them', () => {
    const channels = new Channels(seededRandom(1));
    for (let port = 1; port <= 257; port++) channels.count(7, port, 3, 5_000_000);
    for (let row = 0; row < 256; row++) channels.ask(row, 5_000_000);
    channels.forget(0);
    expect([channels.ask(256, 5_900_000), channels.ask(256, 5_900_001)]).toEqual([0, 0x4000]);
  });

  it('are preferred less than numbers that no endpoint has', () => {
    const channels = channelsEnded();
    channels.refuse(77);
    expect(channels.ask(256, start + 2_000_000)).toBe(0x404d);
  });
});

describe('cleared channels', () => {
  it('know no endpoint and no channel', () => {
    const channels = channelsBound(2);
    channels.use(address, port + 1, start + 1);
    channels.clear();
    expect(channels.bound).toBe(0);
    expect(channels.nextRenewalAt()).toBe(Number.POSITIVE_INFINITY);
    expect(channels.usedAt(address)).toBe(Number.NEGATIVE_INFINITY);
    expect([0, 1].map((row) => channels.channelOf(row))).toEqual([0, 0]);
    expect([0x4000, 0x4001].map((channel) => channels.receive(channel, start))).toEqual([-1, -1]);
    expect(channels.use(address, port + 1, start)).toBe(0);
  });

  it('count from 0, in rows from 0', () => {
    const channels = channelsBound(2);
    channels.use(address, port + 1, start);
    channels.clear();
    expect(channels.count(address, port + 1, 2, start)).toBe(-1);
    expect(channels.count(address + 9, port, 3, start)).toBe(1);
    expect(channels.count(address, port + 1, 1, start)).toBe(0);
    expect(channels.ask(1, start)).toBe(0x4000);
  });

  it('forget which endpoint was looked up last', () => {
    const channels = channelsBound(1);
    channels.use(address, port, start);
    channels.clear();
    expect(channels.count(address, port, 3, start)).toBe(0);
    expect(channels.count(address + 1, port, 3, start)).toBe(1);
  });
});
