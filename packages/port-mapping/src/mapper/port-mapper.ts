import { formatEndpoint, type Ipv4Endpoint, type Ipv4Policy, ipv4EndpointEquals } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import { hearAnnouncements } from '../network/announcements.ts';
import { AnswerDrops } from '../network/answer-drops.ts';
import { assignedPorts, type MapperTime, type NetworkParts, type RouterPorts } from '../network/network.ts';
import { createProtocol } from '../protocols/create-protocol.ts';
import {
  type MapOutcome,
  type MappingProtocol,
  mappingProtocols,
  type RouterProtocol,
} from '../protocols/router-protocol.ts';
import { isCredibleExternal } from './external-address.ts';
import type { MappingMemory, RememberedMapping } from './mapping-memory.ts';
import {
  gatewayOf,
  type MappingRefusal,
  type MappingRoute,
  type PortMapping,
  type PortMappingEvent,
} from './port-mapping.ts';

/** The settings and collaborators of a mapper. */
export interface PortMapperParts {
  /** The protocols to ask, in this order. */
  readonly protocols: readonly MappingProtocol[];
  readonly policy: Pick<Ipv4Policy, 'isGlobalUnicast'>;
  readonly memory: MappingMemory;
  readonly time: MapperTime;
  readonly report: (event: PortMappingEvent) => void;
  /** The assigned ports by default. */
  readonly ports?: RouterPorts;
}

/** Our choices. */
const checkEveryMs: Milliseconds = 60_000;
const firstRetryMs: Milliseconds = 60_000;
const longestRetryMs: Milliseconds = 1_800_000;
const announcementSpacingMs: Milliseconds = 5_000;
/** After so many unanswered looks all protocols are asked again. */
const mostSilences = 3;

type Refused = Extract<MapOutcome, { kind: 'refused' }>;

/** A mapping, and how it is kept. */
interface Held {
  readonly protocol: RouterProtocol;
  readonly route: MappingRoute;
  mapping: PortMapping;
  renewAt: Milliseconds;
  silences: number;
}

/**
 * Keeps a mapping of one UDP port at the router of the route in use: asks for it, renews it, looks once a minute whether it is
 * still there, asks again where the router restarted, and removes it at the end.
 */
export class PortMapper {
  readonly #parts: PortMapperParts;
  readonly #network: NetworkParts;
  #route: MappingRoute | undefined;
  #held: Held | undefined;
  #abort = new AbortController();
  /** Never rejects. */
  #work: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;
  #endAnnouncements: () => void = () => undefined;
  #checkedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #retryMs = firstRetryMs;
  /** The refusals of the router, and their ends: the same request is not repeated before. */
  readonly #refusals: Map<MappingProtocol, { readonly refusal: MappingRefusal; readonly until: Milliseconds }> =
    new Map();
  #hasToldUnavailable = false;
  #isClosed = false;

  constructor(parts: PortMapperParts) {
    this.#parts = parts;
    this.#network = { time: parts.time, ports: parts.ports ?? assignedPorts, drops: new AnswerDrops() };
  }

  get mapping(): PortMapping | undefined {
    return this.#held?.mapping;
  }

  /** Counts of dropped answers by reason. */
  get drops(): Readonly<Partial<Record<MappingDropReason, number>>> {
    return this.#network.drops.snapshot();
  }

  /** Follows another route or port; undefined: there is no router to ask. Costs nothing when nothing changed. */
  follow(route: MappingRoute | undefined): void {
    if (this.#isClosed || isSameRoute(route, this.#route)) return;
    this.#route = route;
    this.#retryMs = firstRetryMs;
    this.#refusals.clear();
    this.#hasToldUnavailable = false;
    this.#endAnnouncements();
    this.#endAnnouncements = () => undefined;
    this.#interrupt();
    if (route !== undefined && this.#parts.protocols.some((name) => name !== 'upnp')) {
      this.#endAnnouncements = hearAnnouncements(gatewayOf(route), this.#network, () => this.#announced());
    }
    this.#begin(async (signal) => {
      await this.#leave(route, signal);
      if (route !== undefined) await this.#attempt(route, signal);
    });
  }

  /** Looks at the mapping now: the host slept, the router restarted, or the network is another one of the same addresses. */
  look(): void {
    const route = this.#route;
    this.#refusals.clear();
    if (route !== undefined && !this.#isClosed) this.#begin((signal) => this.#maintain(route, signal));
  }

  /** Resolves when the router has answered, or after `limitMs`. */
  settled(limitMs: Milliseconds): Promise<void> {
    return this.#within(limitMs, this.#work);
  }

  /** Removes the mapping; resolves when the router confirmed that, or after `limitMs`. Nothing is reported any more. */
  async close(limitMs: Milliseconds): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endAnnouncements();
    this.#interrupt();
    const { signal } = this.#abort;
    await this.#within(
      limitMs,
      this.#work.then(() => this.#removeAll(signal)),
    );
    this.#abort.abort();
  }

  /** Also a mapping that was made while the request for it was given up. */
  async #removeAll(signal: AbortSignal): Promise<void> {
    const route = this.#route;
    const held = this.#held;
    this.#held = undefined;
    if (route === undefined) return;
    const { memory } = this.#parts;
    for (const protocol of this.#protocolsFor(route)) {
      const isHeld = held?.protocol.protocol === protocol.protocol;
      for (const old of memory.mappingsAt(route.gateway, protocol.protocol)) {
        await this.#unmap(isHeld ? held.protocol : protocol, old, signal);
      }
    }
  }

  /** Ends what is under way. */
  #interrupt(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#cancelTimer();
  }

  /** Adds work after what is under way; its signal is the one of now. */
  #begin(piece: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#abort;
    this.#work = this.#work.then(async () => {
      if (!signal.aborted) await piece(signal);
    });
  }

  async #within(limitMs: Milliseconds, work: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.#parts.time.after(limitMs, resolve);
    });
    await Promise.race([work, limit]);
    cancel();
  }

  #wakeAfter(delayMs: Milliseconds, route: MappingRoute): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.time.after(delayMs, () => this.#begin((signal) => this.#maintain(route, signal)));
  }

  #announced(): void {
    if (this.#parts.time.now() - this.#checkedAt < announcementSpacingMs) return;
    this.look();
  }

  /** Gives up the mapping of an earlier route. At another router it is left to that router's clock, and to the memory. */
  async #leave(next: MappingRoute | undefined, signal: AbortSignal): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const isThere = next?.gateway === held.route.gateway && next.local.address === held.route.local.address;
    if (isThere) await this.#unmap(held.protocol, remembered(held.protocol, held.route), signal);
    this.#report({ kind: 'lost', mapping: held.mapping });
  }

  async #maintain(route: MappingRoute, signal: AbortSignal): Promise<void> {
    const held = this.#held;
    this.#checkedAt = this.#parts.time.now();
    if (held === undefined) return this.#attempt(route, signal);
    const outcome =
      this.#checkedAt >= held.renewAt
        ? await this.#renew(held, signal)
        : await held.protocol.check(route.local.port, signal);
    if (signal.aborted) return;
    held.silences = outcome === 'silent' ? held.silences + 1 : 0;
    if (outcome === 'lost' || held.silences >= mostSilences) return this.#attempt(route, signal);
    const untilRenewalMs = held.renewAt - this.#checkedAt;
    this.#wakeAfter(untilRenewalMs > 0 ? Math.min(checkEveryMs, untilRenewalMs) : checkEveryMs, route);
  }

  async #renew(held: Held, signal: AbortSignal): Promise<'kept' | 'lost' | 'silent'> {
    const outcome = await held.protocol.map(held.route.local.port, signal);
    if (outcome.kind === 'silent') return 'silent';
    if (outcome.kind === 'refused') this.#refuse(held.protocol.protocol, outcome);
    if (outcome.kind === 'refused' || !ipv4EndpointEquals(outcome.external, held.mapping.external)) return 'lost';
    held.renewAt = this.#parts.time.now() + outcome.renewAfterMs;
    return 'kept';
  }

  /** Asks by one protocol after the other. */
  async #attempt(route: MappingRoute, signal: AbortSignal): Promise<void> {
    const protocols = this.#protocolsFor(route);
    for (const protocol of protocols) protocol.prepare?.(signal);
    const refusals: MappingRefusal[] = [];
    for (const protocol of protocols) {
      const refusal = this.#refusalOf(protocol.protocol);
      if (refusal !== undefined) {
        refusals.push(refusal);
        continue;
      }
      await this.#removeOld(protocol, route, signal);
      const outcome = await protocol.map(route.local.port, signal);
      if (outcome.kind === 'mapped') {
        // It has to be removed in any case now.
        this.#parts.memory.add(remembered(protocol, route));
        if (signal.aborted) break;
        if (isCredibleExternal(outcome.external, gatewayOf(route))) {
          this.#hold(protocol, route, outcome);
          return;
        }
        this.#network.drops.drop('mapping-bad-address');
        await this.#unmap(protocol, remembered(protocol, route), signal);
        const reason = `it names the external endpoint ${formatEndpoint(outcome.external)}, which it cannot have`;
        refusals.push({ protocol: protocol.protocol, reason });
      } else if (outcome.kind === 'refused') {
        refusals.push(this.#refuse(protocol.protocol, outcome));
      }
      if (signal.aborted) break;
    }
    if (!signal.aborted) this.#failed(route, refusals);
  }

  #hold(
    protocol: RouterProtocol,
    route: MappingRoute,
    { external, renewAfterMs }: { readonly external: Ipv4Endpoint; readonly renewAfterMs: Milliseconds },
  ): void {
    const before = this.#held?.mapping;
    const mapping: PortMapping = {
      protocol: protocol.protocol,
      ...route,
      external,
      isNested: !this.#parts.policy.isGlobalUnicast(external.address),
    };
    const now = this.#parts.time.now();
    this.#held = { protocol, route, mapping, renewAt: now + renewAfterMs, silences: 0 };
    this.#checkedAt = now;
    this.#retryMs = firstRetryMs;
    this.#hasToldUnavailable = false;
    const isSame = before?.protocol === mapping.protocol && ipv4EndpointEquals(before.external, external);
    this.#report({ kind: isSame ? 'restored' : 'mapped', mapping });
    this.#wakeAfter(Math.min(checkEveryMs, renewAfterMs), route);
  }

  #failed(route: MappingRoute, refusals: readonly MappingRefusal[]): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#report({ kind: 'lost', mapping: held.mapping });
    if (!this.#hasToldUnavailable) this.#report({ kind: 'unavailable', gateway: route.gateway, refusals });
    this.#hasToldUnavailable = true;
    this.#wakeAfter(this.#retryMs, route);
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
  }

  /** Removes mappings of earlier runs: all of UPnP (RFC 6081 section 5.3.3) that lead to this host, and by the others those of other ports, as the same one is renewed. */
  async #removeOld(protocol: RouterProtocol, route: MappingRoute, signal: AbortSignal): Promise<void> {
    const { memory } = this.#parts;
    for (const old of memory.mappingsAt(route.gateway, protocol.protocol)) {
      if (old.port === route.local.port && old.protocol !== 'upnp') continue;
      await this.#unmap(protocol, old, signal);
    }
  }

  async #unmap(protocol: RouterProtocol, mapping: RememberedMapping, signal: AbortSignal): Promise<void> {
    const { gateway, port, client } = mapping;
    const outcome = await protocol.unmap(port, client, signal);
    if (outcome === 'failed') return;
    this.#parts.memory.remove(mapping);
    if (outcome === 'foreign') this.#report({ kind: 'foreign', gateway, port });
  }

  /** Records that the router refused. Returns the refusal for the event. */
  #refuse(protocol: MappingProtocol, { reason, forMs }: Refused): MappingRefusal {
    const refusal = { protocol, reason };
    if (forMs !== undefined) this.#refusals.set(protocol, { refusal, until: this.#parts.time.now() + forMs });
    return refusal;
  }

  /** Returns the refusal of the router that still holds for a protocol. */
  #refusalOf(protocol: MappingProtocol): MappingRefusal | undefined {
    const held = this.#refusals.get(protocol);
    return held !== undefined && this.#parts.time.now() < held.until ? held.refusal : undefined;
  }

  #report(event: PortMappingEvent): void {
    if (!this.#isClosed) this.#parts.report(event);
  }

  #protocolsFor(route: MappingRoute): readonly RouterProtocol[] {
    const { protocols, memory } = this.#parts;
    return mappingProtocols
      .filter((name) => protocols.includes(name))
      .map((name) => createProtocol(name, gatewayOf(route), memory.nonce, this.#network));
  }
}

function remembered({ protocol }: RouterProtocol, { gateway, local }: MappingRoute): RememberedMapping {
  return { protocol, gateway, port: local.port, client: local.address };
}

function isSameRoute(one: MappingRoute | undefined, other: MappingRoute | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.gateway === other.gateway && ipv4EndpointEquals(one.local, other.local);
}
