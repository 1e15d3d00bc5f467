import type { Laboratory } from '../laboratory.ts';
import { crowdAddresses, laboratoryRanges, serverAddress, webIpv6Address } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';
import type { LoadFigures } from './figures.ts';
import type { LoadOrder, LoadSettings } from './settings.ts';

/** The laboratory's usual settings: one server, and a host that has IPv6 only. */
const usual: Omit<LoadSettings, 'clients'> = {
  servers: [serverAddress],
  serverOrder: 'spread',
  sources: crowdAddresses,
  startsPerSecond: 100,
  contactsPerSecond: 100,
  hosts: [webIpv6Address],
  peers: 1,
  rate: 0,
  packetOctets: 100,
  extraGlobalIpv4: laboratoryRanges,
};

const patienceMs = 20_000;

/** A load generator on a machine of the laboratory. */
export class LoadGenerator {
  readonly program: Program;
  readonly #figures: LoadFigures[] = [];
  /** How much of the output has been read. */
  #read = 0;

  private constructor(program: Program) {
    this.program = program;
  }

  /** Starts so many clients on a machine, such as `Internet.crowdHost`. */
  static start(
    laboratory: Laboratory,
    machine: Namespace,
    settings: Pick<LoadSettings, 'clients'> & Partial<LoadSettings>,
  ): LoadGenerator {
    const program = Program.start(laboratory, machine, {
      name: `load generator on ${machine.label}`,
      command: process.execPath,
      args: [repositoryPath('packages/lab/dist/load-generator.js'), JSON.stringify({ ...usual, ...settings })],
      interactive: true,
    });
    return new LoadGenerator(program);
  }

  /** The figures of each second so far. */
  get figures(): readonly LoadFigures[] {
    const { output } = this.program;
    const end = output.lastIndexOf('\n') + 1;
    for (const [, text = ''] of output.slice(this.#read, end).matchAll(/^figures (.*)$/gm)) {
      this.#figures.push(JSON.parse(text) as LoadFigures);
    }
    this.#read = Math.max(this.#read, end);
    return this.#figures;
  }

  /** Waits until figures of a second hold, beginning with those that come next; returns them. */
  async until(what: string, holds: (figures: LoadFigures) => boolean, timeoutMs: number): Promise<LoadFigures> {
    const known = this.figures.length;
    return this.program.until(what, () => this.figures.slice(known).find(holds), timeoutMs);
  }

  order(order: LoadOrder): void {
    this.program.write(JSON.stringify(order));
  }

  /** Begins to count again, waits for so long, and returns the counts. */
  async measure(ms: number): Promise<LoadFigures> {
    this.order({ kind: 'reset' });
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.until('figures', () => true, patienceMs);
  }

  /** Ends it; returns its last figures. */
  async stop(): Promise<LoadFigures> {
    this.order({ kind: 'stop' });
    await this.program.ended;
    return this.figures.at(-1)!;
  }
}
