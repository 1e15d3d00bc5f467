import { formatIpv4, type Ipv4Value, parseIpv4 } from '@navalis/address';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import { type ConnectionServiceType, readDeviceDescription } from '../codec/device-description.ts';
import { readSoapAnswer, type SoapAnswer, type SoapArguments, writeSoapRequest } from '../codec/soap.ts';
import { readSsdpAnswer, ssdpGroup, ssdpSearches } from '../codec/ssdp.ts';
import { askByUdp } from '../network/ask-by-udp.ts';
import { exchangeOverHttp } from '../network/http-exchange.ts';
import type { Gateway, NetworkParts } from '../network/network.ts';
import { permanentRenewalMs } from './lifetimes.ts';
import type { CheckOutcome, InquiryOutcome, MapOutcome, RouterProtocol, UnmapOutcome } from './router-protocol.ts';

/** A page of the router. */
interface Page {
  readonly port: number;
  readonly path: string;
}

/** Where a service of the router is invoked. */
interface Control extends Page {
  readonly type: ConnectionServiceType;
}

/** Our choice: how long devices may wait before they answer a search, and how long the answer is waited for. */
const searchDelaySeconds = 1;
const searchLimitMs = 2_000;
const searchAtMs = [0, 500, 1_000];

/** Errors of UPnP and of WANIPConnection: no such action, and no such entry. */
const noSuchAction: readonly number[] = [401, 602];
const noSuchEntry = 714;

/** Maps ports by UPnP IGD, versions 1 and 2, as RFC 6081 section 5.3 says. */
export class UpnpProtocol implements RouterProtocol {
  readonly protocol = 'upnp';
  readonly #gateway: Gateway;
  readonly #parts: NetworkParts;
  #page: Promise<Page | undefined> | undefined;
  #services: Promise<readonly Control[] | undefined> | undefined;
  /** The service that made the mapping. */
  #used: Control | undefined;
  #address: Ipv4Value | undefined;

  constructor(gateway: Gateway, parts: NetworkParts) {
    this.#gateway = gateway;
    this.#parts = parts;
  }

  prepare(signal: AbortSignal): void {
    this.#page ??= this.#search(signal);
  }

  async inquire(signal: AbortSignal): Promise<InquiryOutcome> {
    const services = await this.#findServices(signal);
    if (services === undefined) return { kind: 'silent' };
    const [service] = services;
    if (service === undefined) return noService;
    return { kind: 'speaks', address: await this.#askAddress(service, signal) };
  }

  async map(port: number, signal: AbortSignal): Promise<MapOutcome> {
    const services = this.#used === undefined ? await this.#findServices(signal) : [this.#used];
    if (services === undefined) return { kind: 'silent' };
    let outcome: MapOutcome = noService;
    for (const service of services) {
      outcome = await this.#mapBy(service, port, signal);
      if (outcome.kind === 'mapped') break;
    }
    return outcome;
  }

  async check(port: number, signal: AbortSignal): Promise<CheckOutcome> {
    const service = this.#used;
    if (service === undefined) return 'lost';
    const entry = await this.#invoke(service, 'GetSpecificPortMappingEntry', entryArguments(port), signal);
    if (entry === undefined) return 'silent';
    if (entry.kind === 'fault') return entry.code === noSuchEntry ? 'lost' : 'kept';
    if (entry.valueOf('NewInternalClient') !== formatIpv4(this.#gateway.local)) return 'lost';
    const address = await this.#askAddress(service, signal);
    if (address === undefined) return 'silent';
    return address === this.#address ? 'kept' : 'lost';
  }

  /** Asks first to whom the mapping belongs: any host may remove any mapping. */
  async unmap(port: number, client: Ipv4Value, signal: AbortSignal): Promise<UnmapOutcome> {
    const service = this.#used ?? (await this.#findServices(signal))?.[0];
    if (service === undefined) return 'failed';
    const entry = await this.#invoke(service, 'GetSpecificPortMappingEntry', entryArguments(port), signal);
    if (entry === undefined) return 'failed';
    if (entry.kind === 'done' && entry.valueOf('NewInternalClient') !== formatIpv4(client)) return 'foreign';
    if (entry.kind === 'fault' && entry.code === noSuchEntry) return 'removed';
    // A router without the action cannot tell, and the mapping must not stay (RFC 6081 section 5.3.5.1).
    if (entry.kind === 'fault' && !noSuchAction.includes(entry.code)) return 'failed';
    return this.#delete(service, port, signal);
  }

  async #delete(service: Control, port: number, signal: AbortSignal): Promise<UnmapOutcome> {
    const answer = await this.#invoke(service, 'DeletePortMapping', entryArguments(port), signal);
    const isGone = answer !== undefined && (answer.kind === 'done' || answer.code === noSuchEntry);
    return isGone ? 'removed' : 'failed';
  }

  async #mapBy(service: Control, port: number, signal: AbortSignal): Promise<MapOutcome> {
    const added = await this.#invoke(service, 'AddPortMapping', this.#addArguments(port), signal);
    if (added === undefined) return { kind: 'silent' };
    if (added.kind === 'fault') return { kind: 'refused', reason: faults[added.code] ?? `UPnP error ${added.code}` };
    this.#used = service;
    const address = await this.#askAddress(service, signal);
    if (address === undefined) {
      await this.#delete(service, port, signal);
      this.#used = undefined;
      return { kind: 'refused', reason: 'it does not tell its external address' };
    }
    this.#address = address;
    return { kind: 'mapped', external: { address, port }, renewAfterMs: permanentRenewalMs };
  }

  /** RFC 6081 section 5.3.3. */
  #addArguments(port: number): SoapArguments {
    return [
      ...entryArguments(port),
      ['NewInternalPort', String(port)],
      ['NewInternalClient', formatIpv4(this.#gateway.local)],
      ['NewEnabled', '1'],
      ['NewPortMappingDescription', 'TEREDO'],
      ['NewLeaseDuration', '0'],
    ];
  }

  async #askAddress(service: Control, signal: AbortSignal): Promise<Ipv4Value | undefined> {
    const answer = await this.#invoke(service, 'GetExternalIPAddress', [], signal);
    return answer?.kind === 'done' ? parseIpv4(answer.valueOf('NewExternalIPAddress') ?? '') : undefined;
  }

  /** Undefined when no device of the router answers. */
  #findServices(signal: AbortSignal): Promise<readonly Control[] | undefined> {
    this.prepare(signal);
    this.#services ??= this.#readServices(signal);
    return this.#services;
  }

  async #readServices(signal: AbortSignal): Promise<readonly Control[] | undefined> {
    const page = await this.#page;
    if (page === undefined) return undefined;
    const answer = await exchangeOverHttp({ gateway: this.#gateway, ...page, method: 'GET', signal }, this.#parts);
    if (answer === undefined) return undefined;
    const description = readDeviceDescription(answer.text);
    if (typeof description === 'string') {
      this.#parts.drops.drop(description);
      return undefined;
    }
    const base = description.base ?? this.#urlOf(page);
    return description.services.flatMap(({ type, controlUrl }) => {
      const control = this.#pageAt(controlUrl, base);
      if (control === undefined) this.#parts.drops.drop('mapping-other-location');
      return control === undefined ? [] : [{ ...control, type }];
    });
  }

  /** By multicast on the link, and to the router alone: some routers answer only one of them. */
  #search(signal: AbortSignal): Promise<Page | undefined> {
    const { ssdp } = this.#parts.ports;
    const places = [parseIpv4(ssdpGroup)!, this.#gateway.address];
    const requests = ssdpSearches(searchDelaySeconds).flatMap((octets) =>
      places.map((address) => ({ to: { address, port: ssdp }, octets })),
    );
    const read = (octets: Uint8Array): Page | MappingDropReason => {
      const answer = readSsdpAnswer(octets);
      return typeof answer === 'string' ? answer : (this.#pageAt(answer.location) ?? 'mapping-other-location');
    };
    const question = {
      gateway: this.#gateway,
      requests,
      sendAtMs: searchAtMs,
      limitMs: searchLimitMs,
      answerPort: undefined,
      read,
      signal,
    };
    return askByUdp(question, this.#parts);
  }

  async #invoke(
    service: Control,
    action: string,
    args: SoapArguments,
    signal: AbortSignal,
  ): Promise<SoapAnswer | undefined> {
    const { port, path, type } = service;
    const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` };
    const body = writeSoapRequest(type, action, args);
    const exchange = { gateway: this.#gateway, port, path, method: 'POST', headers, body, signal } as const;
    const answer = await exchangeOverHttp(exchange, this.#parts);
    if (answer === undefined) return undefined;
    const read = readSoapAnswer(answer.text, action);
    if (typeof read !== 'string') return read;
    this.#parts.drops.drop(read);
    return undefined;
  }

  #urlOf({ port, path }: Page): string {
    return `http://${formatIpv4(this.#gateway.address)}:${port}${path}`;
  }

  /** Returns the page that a URL of the router names; undefined for another scheme or host. */
  #pageAt(text: string, base?: string): Page | undefined {
    if (!URL.canParse(text, base)) return undefined;
    const url = new URL(text, base);
    if (url.protocol !== 'http:' || parseIpv4(url.hostname) !== this.#gateway.address) return undefined;
    return { port: url.port === '' ? 80 : Number(url.port), path: `${url.pathname}${url.search}` };
  }
}

const noService = { kind: 'refused', reason: 'its UPnP device maps no ports' } as const;

/** The arguments that name a mapping. */
function entryArguments(port: number): SoapArguments {
  return [
    ['NewRemoteHost', ''],
    ['NewExternalPort', String(port)],
    ['NewProtocol', 'UDP'],
  ];
}

/** Errors of UPnP and of WANIPConnection, as the ends of sentences. */
const faults: Readonly<Record<number, string>> = {
  402: 'it found the request malformed',
  501: 'it failed to make the mapping',
  606: 'it does not allow mappings',
  718: 'another mapping has that port',
  724: 'it maps a port to no other one than itself, and found two',
  725: 'it makes permanent mappings only',
  728: 'it has no room for another mapping',
  729: 'another mapping has that port',
};
