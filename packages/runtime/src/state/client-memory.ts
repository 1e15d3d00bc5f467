import { join } from 'node:path';
import { formatIpv6, type Ipv6Value, parseIpv6 } from '@navalis/address';
import type { ClientConfiguration } from '@navalis/config';
import type { MappingStore } from '@navalis/port-mapping';
import type { ControlContext } from '../roles/shared/role-control.ts';
import { notWrittenSentence } from './state-sentences.ts';

type MemoryContext = Pick<ControlContext, 'stateFiles' | 'logger'>;

/**
 * The service port, the Teredo address and the port mappings of a client, in a file that outlives its runs: the next run gets the same
 * address while server and mapping are the same. A file for each interface, because each client of a host has one.
 */
export class ClientMemory {
  /** The mappings at routers, which may be there before the first address. */
  readonly mappings: MappingStore = {
    read: () => {
      this.#read();
      return this.#fields['portMapping'];
    },
    write: (portMapping) => {
      this.#read();
      this.#write({ portMapping });
    },
  };
  readonly #path: string;
  readonly #context: MemoryContext;
  #port = 0;
  #address: Ipv6Value | undefined;
  #isRead = false;
  /** The content of the file. */
  #fields: Readonly<Record<string, unknown>> = {};
  /** The last error of a write, until one succeeds. */
  #error: string | undefined;

  constructor(
    { stateDirectory, interfaceName }: Pick<ClientConfiguration, 'stateDirectory' | 'interfaceName'>,
    context: MemoryContext,
  ) {
    this.#path = join(stateDirectory, `client-${interfaceName}.json`);
    this.#context = context;
  }

  /** The service port of the last run; 0 without one. */
  get port(): number {
    this.#read();
    return this.#port;
  }

  /** The last Teredo address. */
  get address(): Ipv6Value | undefined {
    this.#read();
    return this.#address;
  }

  /**
   * Lets the next run in this process draw another port. After a TURN server was needed, a NAT that is symmetric no longer may still keep
   * what it mapped for the old one.
   */
  forgetPort(): void {
    this.#read();
    this.#port = 0;
  }

  /** Remembers the port and the address. A failed write is logged once. */
  record(port: number, address: Ipv6Value): void {
    this.#read();
    const text = formatIpv6(address);
    const isSame = port === this.#port && this.#address !== undefined && formatIpv6(this.#address) === text;
    if (isSame && this.#error === undefined) return;
    this.#port = port;
    this.#address = address;
    this.#write({ port, address: text });
  }

  #write(changes: Readonly<Record<string, unknown>>): void {
    this.#fields = { ...this.#fields, ...changes };
    const error = this.#context.stateFiles.write(this.#path, this.#fields);
    if (error !== undefined && error !== this.#error) {
      const fields = { event: 'state-not-written', path: this.#path, error };
      this.#context.logger.warn(fields, notWrittenSentence(this.#path, error));
    }
    this.#error = error;
  }

  /** Reads the file once: later only this program writes it. */
  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const reading = this.#context.stateFiles.read(this.#path);
    if (reading.kind === 'absent') return;
    const reason = reading.kind === 'unusable' ? reading.reason : this.#take(reading.fields);
    if (reason === undefined) return;
    this.#context.logger.warn(
      { event: 'state-ignored', path: this.#path, reason },
      `Ignoring ${this.#path}: ${reason}. The port and the address may be others than in the last run; the file is replaced.`,
    );
  }

  /** Returns the reason if the fields are not those of a memory. The memory of mappings checks its part. */
  #take({ port, address, portMapping }: Readonly<Record<string, unknown>>): string | undefined {
    if (portMapping !== undefined) this.#fields = { portMapping };
    // A run that ended before it had an address.
    if (portMapping !== undefined && port === undefined && address === undefined) return undefined;
    const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536;
    const parsed = typeof address === 'string' ? parseIpv6(address) : undefined;
    if (!isPort || parsed === undefined) return 'it is damaged';
    this.#fields = { ...this.#fields, port, address };
    this.#port = port;
    this.#address = parsed;
    return undefined;
  }
}
