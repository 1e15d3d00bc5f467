import {
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  mappedAddressOfWord,
  mappedPortOfWord,
} from '@navalis/address';
import {
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { type ClientEngine, createClientEngine } from '../src/index.ts';
import { advertisementFor, dataPacket, destinationOf, endpoint, isSolicitation, withOrigin } from './packets.ts';
import { otherServer, policy, server } from './world.ts';

/** A client behind a port-restricted NAT: what it has not sent to cannot send to it. */
class Site {
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly client: ClientEngine;
  readonly mapped: Ipv4Endpoint;
  readonly #opened = new Set<string>();
  bubbles = 0;

  constructor(mapped: string, itsServer: typeof server, seed: number) {
    this.mapped = endpoint(mapped);
    this.client = createClientEngine(
      { servers: [itsServer], local: endpoint('10.0.0.2:5000'), policy, extensions: noExtensions },
      this.outputs,
      seededRandom(seed),
    );
  }

  get address(): Ipv6Value {
    return this.client.status().address!;
  }

  open(to: Ipv4Endpoint): void {
    this.#opened.add(`${to.address}:${to.port}`);
  }

  admits(from: Ipv4Endpoint): boolean {
    return this.#opened.has(`${from.address}:${from.port}`);
  }
}

/** Two sites, two servers, no delay, and a count of what happens. */
class Internet {
  now = 0;
  readonly sites: readonly [Site, Site];
  /** Datagrams that match are lost. */
  loses: (from: Site, sent: SentDatagram) => boolean = () => false;

  constructor(secondServer: typeof server = otherServer) {
    this.sites = [new Site('192.0.2.1:4096', server, 1), new Site('198.51.100.10:8192', secondServer, 2)];
    for (const site of this.sites) site.client.start(this.now);
    this.settle();
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(...this.sites.map((site) => site.client.nextDeadline()));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      for (const site of this.sites) site.client.handleDeadline(this.now);
      this.settle();
    }
    this.now = end;
  }

  settle(): void {
    for (let moved = 1; moved > 0; ) {
      moved = 0;
      for (const site of this.sites) {
        for (const sent of site.outputs.takeDatagrams()) {
          moved++;
          if (moved > 10_000) throw new Error('the two never fall silent');
          this.#carry(site, sent);
        }
      }
    }
  }

  #carry(from: Site, sent: SentDatagram): void {
    from.open(sent);
    if (sent.payload.length === 40) from.bubbles++;
    if (this.loses(from, sent)) return;
    const owner = [server, otherServer].find((each) => Object.values(each).includes(sent.address));
    if (owner === undefined) this.#arrive(sent, sent.payload, from.mapped);
    else if (isSolicitation(sent.payload)) {
      const answer = advertisementFor(sent.payload, owner.primary, from.mapped);
      this.#arrive(from.mapped, answer, { address: sent.address, port: 3544 });
    } else this.#forward(from, sent.payload, owner.primary);
  }

  /** As servers do: to the embedded endpoint, with the origin if the receiver is one of its own. */
  #forward(from: Site, packet: Uint8Array, primary: Ipv4Value): void {
    const { word1, word2, word3 } = destinationOf(packet);
    const to = { address: mappedAddressOfWord(word3), port: mappedPortOfWord(word2) };
    const datagram = word1 === primary ? withOrigin(packet, from.mapped) : packet;
    this.#arrive(to, datagram, { address: primary, port: 3544 });
  }

  #arrive(to: Ipv4Endpoint, datagram: Uint8Array, from: Ipv4Endpoint): void {
    const site = this.sites.find((each) => each.mapped.address === to.address && each.mapped.port === to.port);
    if (site?.admits(from)) receiveDatagram(site.client, datagram, from, this.now);
  }

  send(from: Site, to: Site, mark: number): void {
    takePacket(from.client, dataPacket(from.address, to.address, mark), this.now);
    this.settle();
  }
}

describe('two clients behind port-restricted NATs', () => {
  it.each([
    ['the same server', server],
    ['two servers', otherServer],
  ])('[CL-T-08][CL-T-09][CL-R-06] meet through %s and lose no packet', (_, second) => {
    const internet = new Internet(second);
    const [a, b] = internet.sites;
    internet.send(a, b, 1);
    internet.send(b, a, 2);
    expect(b.outputs.packets.map((packet) => packet[40])).toEqual([1]);
    expect(a.outputs.packets.map((packet) => packet[40])).toEqual([2]);
  });

  it('[CL-R-28][CL-B-10] exchange a handful of bubbles and fall silent', () => {
    const internet = new Internet();
    const [a, b] = internet.sites;
    internet.send(a, b, 1);
    internet.send(b, a, 2);
    internet.pass(20_000);
    expect(a.bubbles + b.bubbles).toBeLessThanOrEqual(6);
  });

  it('[CL-T-10] meet although the first bubbles of both are lost', () => {
    const internet = new Internet();
    const [a, b] = internet.sites;
    internet.loses = (_, sent) => sent.payload.length === 40 && internet.now < 3000;
    internet.send(a, b, 1);
    expect(b.outputs.packets).toEqual([]);
    internet.pass(4000);
    expect(b.outputs.packets.map((packet) => packet[40])).toEqual([1]);
  });

  it('[CL-B-07][CL-B-08][CL-B-09] send few bubbles however often their attempts fail', () => {
    const internet = new Internet();
    const [a, b] = internet.sites;
    // Only indirect bubbles pass, so each side keeps hearing of the other and never reaches it.
    internet.loses = (from, sent) => {
      const other = from === a ? b : a;
      return sent.address === other.mapped.address;
    };
    for (let i = 0; i < 1000; i++) {
      internet.send(a, b, 1);
      internet.send(b, a, 2);
      internet.pass(300);
    }
    // Per side: 4 bursts of 2 in 300 s, and 20 replies.
    expect(a.bubbles).toBeLessThanOrEqual(28);
    expect(b.bubbles).toBeLessThanOrEqual(28);
    expect([a.outputs.packets, b.outputs.packets].flat().some((packet) => packet[6] === 17)).toBe(false);
  });
});
