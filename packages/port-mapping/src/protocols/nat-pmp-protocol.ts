import type { Ipv4Value } from '@navalis/address';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import { EpochWatch, natPmpEpochRule } from '../codec/epoch-watch.ts';
import {
  type NatPmpAnswer,
  readNatPmpAnswer,
  writeNatPmpAddressRequest,
  writeNatPmpMapRequest,
} from '../codec/nat-pmp.ts';
import type { Gateway, NetworkParts } from '../network/network.ts';
import { askControlPort } from './ask-control-port.ts';
import { renewAfterMs, requestedLifetimeSeconds } from './lifetimes.ts';
import type { CheckOutcome, InquiryOutcome, MapOutcome, RouterProtocol, UnmapOutcome } from './router-protocol.ts';

/** Maps ports by NAT-PMP (RFC 6886). */
export class NatPmpProtocol implements RouterProtocol {
  readonly protocol = 'nat-pmp';
  readonly #gateway: Gateway;
  readonly #parts: NetworkParts;
  readonly #epoch: EpochWatch = new EpochWatch(natPmpEpochRule);
  #address: Ipv4Value | undefined;

  constructor(gateway: Gateway, parts: NetworkParts) {
    this.#gateway = gateway;
    this.#parts = parts;
  }

  async inquire(signal: AbortSignal): Promise<InquiryOutcome> {
    const answer = await this.#askAddress(signal);
    if (answer === undefined) return { kind: 'silent' };
    return answer.kind === 'refusal' ? refused(answer.result) : { kind: 'speaks', address: answer.address };
  }

  async map(port: number, signal: AbortSignal): Promise<MapOutcome> {
    // First what makes no mapping: where there is no address, there is nothing to undo.
    const address = await this.#askAddress(signal);
    if (address === undefined) return { kind: 'silent' };
    if (address.kind === 'refusal') return refused(address.result);
    this.#hasRestarted(address.epochSeconds);
    const mapped = await this.#askMapping(port, requestedLifetimeSeconds, signal);
    if (mapped === undefined) return { kind: 'silent' };
    if (mapped.kind === 'refusal') return refused(mapped.result);
    this.#hasRestarted(mapped.epochSeconds);
    this.#address = address.address;
    return {
      kind: 'mapped',
      external: { address: address.address, port: mapped.externalPort },
      renewAfterMs: renewAfterMs(mapped.lifetimeSeconds),
    };
  }

  async check(_port: number, signal: AbortSignal): Promise<CheckOutcome> {
    const answer = await this.#askAddress(signal);
    if (answer === undefined) return 'silent';
    const hasRestarted = this.#hasRestarted(answer.epochSeconds);
    return hasRestarted || answer.kind === 'refusal' || answer.address !== this.#address ? 'lost' : 'kept';
  }

  /** The router compares the address, and so finds no mapping of another host. */
  async unmap(port: number, _client: Ipv4Value, signal: AbortSignal): Promise<UnmapOutcome> {
    return (await this.#askMapping(port, 0, signal))?.kind === 'mapped' ? 'removed' : 'failed';
  }

  #hasRestarted(epochSeconds: number): boolean {
    return this.#epoch.hasRestarted(epochSeconds, this.#parts.time.now());
  }

  #askAddress(signal: AbortSignal): Promise<AboutAddress | undefined> {
    return this.#ask(writeNatPmpAddressRequest(), readAboutAddress, signal);
  }

  #askMapping(port: number, lifetimeSeconds: number, signal: AbortSignal): Promise<AboutMapping | undefined> {
    const suggestedPort = lifetimeSeconds === 0 ? 0 : port;
    const request = writeNatPmpMapRequest({ internalPort: port, suggestedPort, lifetimeSeconds });
    return this.#ask(request, (octets) => readAboutMapping(octets, port), signal);
  }

  #ask<Answer extends object>(
    octets: Uint8Array,
    read: (octets: Uint8Array) => Answer | MappingDropReason,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    return askControlPort({ gateway: this.#gateway, octets, read, signal }, this.#parts);
  }
}

type Refusal = Extract<NatPmpAnswer, { kind: 'refusal' }>;
type AboutAddress = Extract<NatPmpAnswer, { kind: 'address' }> | Refusal;
type AboutMapping = Extract<NatPmpAnswer, { kind: 'mapped' }> | Refusal;

function readAboutAddress(octets: Uint8Array): AboutAddress | MappingDropReason {
  const answer = readNatPmpAnswer(octets);
  if (typeof answer === 'string' || answer.kind === 'address') return answer;
  return answer.kind === 'refusal' && answer.about === 'address' ? answer : 'mapping-not-asked';
}

function readAboutMapping(octets: Uint8Array, port: number): AboutMapping | MappingDropReason {
  const answer = readNatPmpAnswer(octets);
  if (typeof answer === 'string') return answer;
  if (answer.kind === 'mapped') return answer.internalPort === port ? answer : 'mapping-not-asked';
  return answer.kind === 'refusal' && answer.about === 'mapping' ? answer : 'mapping-not-asked';
}

function refused(result: number): Extract<MapOutcome, { kind: 'refused' }> {
  return { kind: 'refused', reason: refusals[result] ?? `error ${result}` };
}

/** Result codes of RFC 6886 section 3.5, as the ends of sentences. */
const refusals: Readonly<Record<number, string>> = {
  1: 'it does not know this version',
  2: 'it does not allow mappings',
  3: 'it has no external address at present',
  4: 'it has no resources left',
  5: 'it makes no mappings',
};
