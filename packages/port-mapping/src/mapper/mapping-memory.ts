import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

/** The state that outlives a run. */
interface Contents {
  readonly port: number;
  readonly address: string | undefined;
  /** The nonce of all mappings by PCP. */
  readonly nonce: Uint8Array;
  readonly mappings: readonly RememberedMapping[];
}

/** Our choices. */
const mostMappings = 8;
const longestOctets = 8_192;

/**
 * The service port, the Teredo address, and the mappings that routers still have to remove, in a file that survives a
 * restart. The port to use again and the ports to remove are different fields: see DD-27. A file that is missing or unreadable
 * counts as empty; a write that fails is told by its return value.
 */
export class MappingMemory {
  readonly path: string;
  #contents: Contents;

  constructor(path: string) {
    this.path = path;
    this.#contents = contentsOf(textOf(path));
  }

  /** The service port of the last run; 0 without one. */
  get port(): number {
    return this.#contents.port;
  }

  /** The last Teredo address, as text. */
  get address(): string | undefined {
    return this.#contents.address;
  }

  get nonce(): Uint8Array {
    return this.#contents.nonce;
  }

  /** The mappings that this host made at a router by a protocol, and did not remove. */
  mappingsAt(gateway: Ipv4Value, protocol: MappingProtocol): readonly RememberedMapping[] {
    return this.#contents.mappings.filter((each) => each.gateway === gateway && each.protocol === protocol);
  }

  /** Remembers a mapping, and its port for the next run. Returns undefined, or the error of the write. */
  add(mapping: RememberedMapping): string | undefined {
    const others = this.#contents.mappings.filter((each) => !isSame(each, mapping));
    return this.#replace({ port: mapping.port, mappings: [...others, mapping].slice(-mostMappings) });
  }

  /** Forgets a mapping that the router removed; the port stays. Returns undefined, or the error of the write. */
  remove(mapping: RememberedMapping): string | undefined {
    return this.#replace({ mappings: this.#contents.mappings.filter((each) => !isSame(each, mapping)) });
  }

  /** Remembers the Teredo address. Returns undefined, or the error of the write. */
  setAddress(address: string): string | undefined {
    return address === this.#contents.address ? undefined : this.#replace({ address });
  }

  #replace(changes: Partial<Contents>): string | undefined {
    this.#contents = { ...this.#contents, ...changes };
    const { port, address, nonce, mappings } = this.#contents;
    const written = {
      port,
      ...(address !== undefined && { address }),
      nonce: Buffer.from(nonce).toString('hex'),
      mappings: mappings.map((each) => ({
        ...each,
        gateway: formatIpv4(each.gateway),
        client: formatIpv4(each.client),
      })),
    };
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 });
      // A reader sees the old file or the new one.
      const draft = `${this.path}.new`;
      writeFileSync(draft, `${JSON.stringify(written)}\n`, { mode: 0o600 });
      renameSync(draft, this.path);
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }
}

function isSame(one: RememberedMapping, other: RememberedMapping): boolean {
  return one.protocol === other.protocol && one.gateway === other.gateway && one.port === other.port;
}

function textOf(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const octets = new Uint8Array(longestOctets);
      return new TextDecoder().decode(octets.subarray(0, readSync(descriptor, octets)));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** Reads what may be anything: each field that is not as it must be counts as absent. */
function contentsOf(text: string): Contents {
  const fields = objectOf(text);
  const { port, nonce, mappings, address } = fields;
  return {
    port: portOf(port) ?? 0,
    address: typeof address === 'string' ? address : undefined,
    nonce:
      typeof nonce === 'string' && /^[0-9a-f]{24}$/.test(nonce)
        ? Uint8Array.from(Buffer.from(nonce, 'hex'))
        : Uint8Array.from(randomBytes(pcpNonceOctets)),
    mappings: (Array.isArray(mappings) ? mappings : []).slice(0, mostMappings).flatMap((each) => mappingOf(each) ?? []),
  };
}

function mappingOf(value: unknown): RememberedMapping | undefined {
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
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

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
