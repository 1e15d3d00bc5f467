import type { Laboratory } from '../laboratory.ts';
import type { TrafficFigures } from '../load/figures.ts';
import { FiguresProgram } from '../load/figures-program.ts';
import { nativeHostAddresses, nativeHostNetwork, webIpv6Address } from '../network/address-plan.ts';
import type { Internet } from '../network/internet.ts';
import type { Namespace } from '../network/namespace.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';

/** The settings of the program. */
export interface NativeHostSettings {
  /** The name of its tunnel interface. */
  readonly interface: string;
  readonly hosts: readonly string[];
  /** Clients that the hosts contact at most. */
  readonly clients: number;
  /** Octets of a request. */
  readonly packetOctets: number;
}

const tunnelInterface = 'hosts';

/** Many native hosts behind one router: they answer echo requests of Teredo clients, and send their own to those that they heard. */
export class NativeHosts extends FiguresProgram<TrafficFigures> {
  /** Starts the hosts behind a machine that has IPv6, such as `Internet.webHost`. */
  static async start(
    laboratory: Laboratory,
    internet: Internet,
    router: Namespace,
    { hosts, clients, packetOctets }: { readonly hosts: number } & Pick<NativeHostSettings, 'clients' | 'packetOctets'>,
  ): Promise<NativeHosts> {
    const settings: NativeHostSettings = {
      interface: tunnelInterface,
      hosts: nativeHostAddresses.slice(0, hosts),
      clients,
      packetOctets,
    };
    const program = Program.start(laboratory, router, {
      name: `native hosts behind ${router.label}`,
      command: process.execPath,
      args: [repositoryPath('packages/lab/dist/native-hosts.js'), JSON.stringify(settings)],
      interactive: true,
    });
    await program.line(/^ready$/m);
    router.setting('net/ipv6/conf/all/forwarding', '1');
    router.ip(`link set ${tunnelInterface} up`, `route add ${nativeHostNetwork} dev ${tunnelInterface}`);
    internet.core.ip(`route add ${nativeHostNetwork} via ${webIpv6Address}`);
    return new NativeHosts(program);
  }
}
