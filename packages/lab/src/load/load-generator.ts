import type { Laboratory } from '../laboratory.ts';
import { crowdAddresses, laboratoryRanges, serverAddress, webIpv6Address } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';
import type { LoadFigures } from './figures.ts';
import { FiguresProgram } from './figures-program.ts';
import type { LoadSettings } from './settings.ts';

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

/** A load generator on a machine of the laboratory. */
export class LoadGenerator extends FiguresProgram<LoadFigures> {
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
}
