import { randomBytes } from 'node:crypto';
import { formatIpv4, type Ipv4Value, parseIpv4 } from '@navalis/address';
import { pcpNonceOctets } from '../codec/pcp.ts';
import { type MappingProtocol, mappingProtocols } from '../protocols/router-protocol.ts';

/** A mapping that a router may still have. */
export interface RememberedMapping {
  readonly protocol: MappingProtocol;
  readonly gateway: Ipv4Value;
  readonly port: number;
  /** The address of this host that it leads to. */
  readonly client: Ipv4Value;
}

/** The content of a memory, which JSON can hold. */
export interface MappingRecord {
  /** Hexadecimal digits. */
  readonly nonce: string;
  /** Addresses are text. */
  readonly mappings: readonly {
    readonly protocol: MappingProtocol;
    readonly gateway: string;
    readonly port: number;
    readonly client: string;
  }[];
}

/** The place where a memory outlives a run. Each client needs one of its own. */
export interface MappingStore {
  /** Returns the last record, or whatever stands in its place; undefined without one. */
  read(): unknown;
  /** Replaces the record. The store reports its failures itself. */
  write(record: MappingRecord): void;
}

/** Our choice. */
const mostMappings = 8;

/**
 * The nonce of PCP, and the mappings that routers still have to remove, in a store that survives a restart. The port to use again is
 * the client's to remember: see DD-27. Parts of the record that are missing or damaged count as absent.
 */
export class MappingMemory {
  /** The nonce of all mappings by PCP. */
  readonly nonce: Uint8Array;
  readonly #store: MappingStore;
  #mappings: readonly RememberedMapping[];

  constructor(store: MappingStore) {
    this.#store = store;
    const { nonce, mappings } = fieldsOf(store.read());
    this.nonce = nonceOf(nonce);
    this.#mappings = (Array.isArray(mappings) ? mappings : [])
      .slice(0, mostMappings)
      .flatMap((each) => mappingOf(each) ?? []);
  }

  /** The mappings that this host made at a router by a protocol, and did not remove. */
  mappingsAt(gateway: Ipv4Value, protocol: MappingProtocol): readonly RememberedMapping[] {
    return this.#mappings.filter((each) => each.gateway === gateway && each.protocol === protocol);
  }

  /** Remembers a mapping. */
  add(mapping: RememberedMapping): void {
    const others = this.#mappings.filter((each) => !isSame(each, mapping));
    this.#replace([...others, mapping].slice(-mostMappings));
  }

  /** Forgets a mapping that the router removed. */
  remove(mapping: RememberedMapping): void {
    this.#replace(this.#mappings.filter((each) => !isSame(each, mapping)));
  }

  #replace(mappings: readonly RememberedMapping[]): void {
    this.#mappings = mappings;
    this.#store.write({
      nonce: Buffer.from(this.nonce).toString('hex'),
      mappings: mappings.map(({ protocol, gateway, port, client }) => ({
        protocol,
        gateway: formatIpv4(gateway),
        port,
        client: formatIpv4(client),
      })),
    });
  }
}

function isSame(one: RememberedMapping, other: RememberedMapping): boolean {
  return one.protocol === other.protocol && one.gateway === other.gateway && one.port === other.port;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function nonceOf(value: unknown): Uint8Array {
  const isNonce = typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);
  return Uint8Array.from(isNonce ? Buffer.from(value, 'hex') : randomBytes(pcpNonceOctets));
}

function mappingOf(value: unknown): RememberedMapping | undefined {
  const fields = fieldsOf(value);
  const protocol = mappingProtocols.find((each) => each === fields['protocol']);
  const [gateway, client] = [addressOf(fields['gateway']), addressOf(fields['client'])];
  const port = portOf(fields['port']);
  return protocol === undefined || gateway === undefined || client === undefined || port === undefined
    ? undefined
    : { protocol, gateway, port, client };
}

function addressOf(value: unknown): Ipv4Value | undefined {
  return typeof value === 'string' ? parseIpv4(value) : undefined;
}

function portOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536 ? value : undefined;
}
