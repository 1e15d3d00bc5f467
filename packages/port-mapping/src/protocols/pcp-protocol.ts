import { type Ipv4Value, readUint32 } from '@navalis/address';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import { EpochWatch, pcpEpochRule } from '../codec/epoch-watch.ts';
import { type PcpAnswer, readPcpAnswer, writePcpAnnounceRequest, writePcpMapRequest } from '../codec/pcp.ts';
import type { Gateway, NetworkParts } from '../network/network.ts';
import { askControlPort } from './ask-control-port.ts';
import { refusedForMs, renewAfterMs, requestedLifetimeSeconds } from './lifetimes.ts';
import type { CheckOutcome, InquiryOutcome, MapOutcome, RouterProtocol, UnmapOutcome } from './router-protocol.ts';

type Mapped = Extract<PcpAnswer, { kind: 'mapped' }>;

/** Maps ports by PCP (RFC 6887). */
export class PcpProtocol implements RouterProtocol {
  readonly protocol = 'pcp';
  readonly #gateway: Gateway;
  readonly #nonce: Uint8Array;
  readonly #parts: NetworkParts;
  readonly #epoch: EpochWatch = new EpochWatch(pcpEpochRule);

  /** `nonce`, of 12 octets, is the one that earlier mappings of this host were made with. */
  constructor(gateway: Gateway, nonce: Uint8Array, parts: NetworkParts) {
    this.#gateway = gateway;
    this.#nonce = nonce;
    this.#parts = parts;
  }

  async inquire(signal: AbortSignal): Promise<InquiryOutcome> {
    const answer = await this.#announce(signal);
    return answer === undefined || answer.kind === 'other-version'
      ? { kind: 'silent' }
      : { kind: 'speaks', address: undefined };
  }

  async map(port: number, signal: AbortSignal): Promise<MapOutcome> {
    const answer = await this.#ask(this.#mapRequest(port, requestedLifetimeSeconds), this.#readAbout(port), signal);
    switch (answer?.kind) {
      case 'mapped':
        this.#hasRestarted(answer);
        return {
          kind: 'mapped',
          external: answer.external,
          renewAfterMs: renewAfterMs(answer.lifetimeSeconds),
        };
      case 'refusal':
        return {
          kind: 'refused',
          reason: refusals[answer.result] ?? `error ${answer.result}`,
          forMs: refusedForMs(answer.lifetimeSeconds),
        };
      default:
        return { kind: 'silent' };
    }
  }

  async check(_port: number, signal: AbortSignal): Promise<CheckOutcome> {
    const answer = await this.#announce(signal);
    if (answer === undefined) return 'silent';
    if (answer.kind === 'other-version') return 'lost';
    return this.#hasRestarted(answer) ? 'lost' : 'kept';
  }

  /** The router compares address and nonce, and so finds no mapping of another host. */
  async unmap(port: number, _client: Ipv4Value, signal: AbortSignal): Promise<UnmapOutcome> {
    const answer = await this.#ask(this.#mapRequest(port, 0), this.#readAbout(port), signal);
    return answer?.kind === 'mapped' ? 'removed' : 'failed';
  }

  /** Asks for an answer that carries the router's epoch (RFC 6887 section 14.1). */
  #announce(signal: AbortSignal): Promise<Exclude<PcpAnswer, Mapped> | undefined> {
    const read = (octets: Uint8Array): Exclude<PcpAnswer, Mapped> | MappingDropReason => {
      const answer = readPcpAnswer(octets);
      return typeof answer === 'string' || answer.kind !== 'mapped' ? answer : 'mapping-not-asked';
    };
    return this.#ask(writePcpAnnounceRequest(this.#gateway.local), read, signal);
  }

  #mapRequest(port: number, lifetimeSeconds: number): Uint8Array {
    // A deletion suggests no external endpoint (RFC 6887 section 15).
    const suggested = { address: 0, port: lifetimeSeconds === 0 ? 0 : port };
    const client = this.#gateway.local;
    return writePcpMapRequest({ client, nonce: this.#nonce, internalPort: port, suggested, lifetimeSeconds });
  }

  /** Reads answers to a request about one port, which carry its nonce. */
  #readAbout(port: number): (octets: Uint8Array) => PcpAnswer | MappingDropReason {
    return (octets) => {
      const answer = readPcpAnswer(octets);
      if (typeof answer === 'string' || answer.kind === 'other-version') return answer;
      if (answer.kind === 'announcement') return 'mapping-not-asked';
      if (answer.nonce !== undefined && !isSame(answer.nonce, this.#nonce)) return 'mapping-not-asked';
      return answer.kind === 'mapped' && answer.internalPort !== port ? 'mapping-not-asked' : answer;
    };
  }

  #hasRestarted({ epochSeconds }: Pick<Mapped, 'epochSeconds'>): boolean {
    return this.#epoch.hasRestarted(epochSeconds, this.#parts.time.now());
  }

  #ask<Answer extends PcpAnswer>(
    octets: Uint8Array,
    read: (octets: Uint8Array) => Answer | MappingDropReason,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    return askControlPort({ gateway: this.#gateway, octets, read, signal }, this.#parts);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return [0, 4, 8].every((offset) => readUint32(one, offset) === readUint32(other, offset));
}

/** Result codes of RFC 6887 section 7.4, as the ends of sentences. */
const refusals: Readonly<Record<number, string>> = {
  2: 'it does not allow mappings for this host',
  3: 'it found the request malformed',
  4: 'it makes no mappings',
  5: 'it does not know an option',
  6: 'it found an option malformed',
  7: 'it has no external address at present',
  8: 'it has no resources left',
  9: 'it does not map UDP',
  10: 'this host has too many mappings',
  11: 'it cannot provide that external port',
  12: 'another NAT stands between it and this host',
  13: 'there are too many remote peers',
};
