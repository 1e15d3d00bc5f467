import {
  buildTeredoAddress,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
  writeIpv6,
} from '@navalis/address';
import type { DropReason, Milliseconds } from '@navalis/engine';
import {
  type Origin,
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import { noExtensions } from '@navalis/traversal';
import { writeBubble } from '@navalis/wire';
import { createRelayEngine, type RelayEngine, type RelayOptions } from '../src/index.ts';

const policy: Ipv4Policy = new Ipv4Policy({ strictness: 'rfc4380' });
export const clientEndpoint: Ipv4Endpoint = { address: parseIpv4('192.0.2.1')!, port: 4096 };
export const serverEndpoint: Ipv4Endpoint = { address: parseIpv4('203.0.113.120')!, port: 3544 };
export const client: Ipv6Value = teredo(clientEndpoint);
export const localAddress: Ipv6Value = parseIpv6('2a00:1::1')!;
export const nativeHost: Ipv6Value = parseIpv6('2a00:2:3:4::5')!;
const ownIpv4: number = parseIpv4('198.51.100.50')!;

export function teredo(mapped: Ipv4Endpoint, flags = 0, server: number = serverEndpoint.address): Ipv6Value {
  return buildTeredoAddress({ server, flags, mapped, policy })!;
}

/** A Teredo address as nobody would build it. */
export function crafted(server: string, address: string, port: number): Ipv6Value {
  return { word0: 0x20010000, word1: parseIpv4(server)!, word2: port ^ 0xffff, word3: ~parseIpv4(address)! >>> 0 };
}

/** UDP inside IPv6; `tag` tells packets apart. */
export function packet(
  source: Ipv6Value,
  destination: Ipv6Value,
  { tag = 0, octets = 60, nextHeader = 17 }: { tag?: number; octets?: number; nextHeader?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(octets);
  bytes[0] = 0x60;
  bytes[4] = (octets - 40) >>> 8;
  bytes[5] = octets - 40;
  bytes[6] = nextHeader;
  bytes[7] = 64;
  writeIpv6(bytes, 8, source);
  writeIpv6(bytes, 24, destination);
  if (octets > 40) bytes[octets - 1] = tag;
  return bytes;
}

export function bubble(source: Ipv6Value, destination: Ipv6Value, hopLimit = 255): Uint8Array {
  const bytes = new Uint8Array(40);
  writeBubble(bytes, 0, source, destination);
  bytes[7] = hopLimit;
  return bytes;
}

/** A relay, and a host-specific relay whose host is `nativeHost`, which must do the same (HR-12). */
export const bothKinds: readonly { readonly name: string; readonly options: Partial<RelayOptions> }[] = [
  { name: 'a relay', options: {} },
  {
    name: 'a host-specific relay',
    options: { kind: 'host', localAddress: nativeHost, servedRanges: [{ address: nativeHost, length: 128 }] },
  },
];

export interface RelayLaboratory {
  readonly engine: RelayEngine;
  readonly outputs: RecordingOutputs;
  drops(): Readonly<Partial<Record<DropReason, number>>>;
  /** The host's packet enters; answers what leaves over UDP. */
  send(bytes: Uint8Array, now?: Milliseconds): SentDatagram[];
  /** A datagram arrives; answers what leaves over UDP. */
  receive(bytes: Uint8Array, from?: Origin, now?: Milliseconds): SentDatagram[];
  /** Runs all deadlines up to `now`; answers each datagram with the time it left. */
  runUntil(now: Milliseconds): (SentDatagram & { readonly at: Milliseconds })[];
}

export function relayLaboratory(options: Partial<RelayOptions> = {}): RelayLaboratory {
  const outputs = new RecordingOutputs();
  const engine = createRelayEngine(
    {
      kind: 'relay',
      localAddress,
      servedRanges: [parseIpv6Prefix('2000::/3')!],
      ownIpv4Addresses: [ownIpv4],
      policy,
      rateLimit: true,
      extensions: noExtensions,
      ...options,
    },
    outputs,
    seededRandom(5),
  );
  engine.start(0);
  return {
    engine,
    outputs,
    drops: () => engine.status().counters.drops,
    send(bytes, now = 0) {
      takePacket(engine, bytes, now);
      return outputs.takeDatagrams();
    },
    receive(bytes, from = clientEndpoint, now = 0) {
      receiveDatagram(engine, bytes, from, now);
      return outputs.takeDatagrams();
    },
    runUntil(now) {
      const sent: (SentDatagram & { readonly at: Milliseconds })[] = [];
      while (engine.nextDeadline() <= now) {
        const at = engine.nextDeadline();
        engine.handleDeadline(at);
        for (const datagram of outputs.takeDatagrams()) sent.push({ ...datagram, at });
      }
      return sent;
    },
  };
}
