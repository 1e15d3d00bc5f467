import { parseIpv4, parseIpv6, serverLinkLocal } from '@navalis/address';
import { DatagramLayout, readDatagram, readRouterAdvertisement, writeBubble } from '@navalis/wire';
import { RouterAdvertisementTemplate, writeOriginIndication, writeRouterAdvertisement } from '@navalis/wire/server';
import type { Subject } from './subject.ts';

const repeats = 1_000;
const client = parseIpv6('2001:0:cb00:7178:0:efff:3fff:fdfe')!;
const native = parseIpv6('2a00:1:2:3::4')!;
const primary = parseIpv4('203.0.113.120')!;

/** Reading and writing packets. */
export function codecSubjects(): readonly Subject[] {
  return [
    reading('datagram with an origin', withOrigin(bubble())),
    reading('datagram with a trailer', new Uint8Array([...bubble(), 1, 4, 0xde, 0xad, 0xbe, 0xef])),
    bubbleWritten(),
    advertisementWritten(),
    advertisementRead(),
  ];
}

function bubble(): Uint8Array {
  const bytes = new Uint8Array(40);
  writeBubble(bytes, 0, client, native);
  return bytes;
}

function withOrigin(packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + packet.length);
  writeOriginIndication(bytes, 0, primary, 4_096);
  bytes.set(packet, 8);
  return bytes;
}

function reading(what: string, bytes: Uint8Array): Subject {
  const layout = new DatagramLayout();
  return repeated(`${what}, read`, 40, () =>
    readDatagram(bytes, 0, bytes.length, layout) === undefined ? layout.packetLength : -1,
  );
}

const prefix = { word0: 0x20010000, word1: primary, word2: 0, word3: 0 };
const advertisement = {
  source: serverLinkLocal(primary),
  destination: parseIpv6('fe80::3fff:f5ff:fffd')!,
  prefixes: [{ prefix, length: 64, flags: 0x40, validLifetime: 0xffffffff, preferredLifetime: 0xffffffff }],
  mtu: 1_280,
};

function bubbleWritten(): Subject {
  const memory = new Uint8Array(40);
  return repeated('bubble, written', 40, () => writeBubble(memory, 0, client, native));
}

function advertisementWritten(): Subject {
  const memory = new Uint8Array(128);
  const template = new RouterAdvertisementTemplate(advertisement);
  const { destination } = advertisement;
  const length = template.write(memory, 0, destination);
  return repeated('advertisement, written', length, () => template.write(memory, 0, destination));
}

function advertisementRead(): Subject {
  const memory = new Uint8Array(128);
  writeRouterAdvertisement(memory, 0, advertisement);
  return repeated('advertisement, read', 64, () => readRouterAdvertisement(memory, 0)?.prefixes[0]?.length ?? 0);
}

function repeated(name: string, answer: number, once: () => number): Subject {
  return {
    name,
    operations: repeats,
    run: () => {
      let sum = 0;
      for (let index = 0; index < repeats; index++) sum += once();
      return sum;
    },
    isRight: (sum) => sum === repeats * answer,
  };
}
