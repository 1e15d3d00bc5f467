import { writeFileSync } from 'node:fs';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { UnpackedPackage } from '../unpacked-package.ts';
import { Program } from './program.ts';

const bind9 = new UnpackedPackage('bind9');

const patienceMs = 20_000;

/** A name server with one zone that takes dynamic updates. */
export class Bind9 {
  readonly #host: Namespace;
  readonly #address: string;

  private constructor(host: Namespace, address: string) {
    this.#host = host;
    this.#address = address;
  }

  /** Starts it with `configuration`, which declares the zone `home.example` of the file `home.example.db`. */
  static async start(laboratory: Laboratory, host: Namespace, address: string, configuration: string): Promise<Bind9> {
    const file = laboratory.file('named.conf');
    const { folder } = laboratory;
    const zone = '$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n';
    writeFileSync(laboratory.file('home.example.db'), `${zone}ns A ${address}\n`);
    writeFileSync(
      file,
      `options { directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key";
        listen-on { ${address}; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; };
      controls { };
      ${configuration}`,
    );
    const program = Program.start(laboratory, host, {
      name: `named on ${host.label}`,
      command: bind9.program('usr/sbin/named'),
      args: ['-g', '-c', file, '-n', '1'],
      environment: bind9.environment,
    });
    await program.line(/ running$/m, patienceMs);
    return new Bind9(host, address);
  }

  /** Returns the IPv6 addresses of a name. */
  async look(name: string): Promise<readonly string[]> {
    const args = [`LD_LIBRARY_PATH=${bind9.environment.LD_LIBRARY_PATH}`, bind9.program('usr/bin/dig')];
    const question = ['+short', '+tries=1', '+time=5', `@${this.#address}`, name, 'AAAA'];
    const { stdout } = await this.#host.runBeside('env', [...args, ...question]);
    return stdout.split('\n').filter((line) => line !== '');
  }
}

/** Makes a key as `tsig-keygen` does, and returns its text. */
export function makeTsigKey(host: Namespace, name: string): string {
  const args = [`LD_LIBRARY_PATH=${bind9.environment.LD_LIBRARY_PATH}`, bind9.program('usr/sbin/tsig-keygen')];
  return host.run('env', [...args, '-a', 'hmac-sha256', name]).stdout;
}

/** Returns a folder with `nsupdate`, which finds its libraries by itself. */
export function nsupdateFolder(laboratory: Laboratory): string {
  const text = `#!/bin/sh\nLD_LIBRARY_PATH=${bind9.environment.LD_LIBRARY_PATH} exec ${bind9.program('usr/bin/nsupdate')} "$@"\n`;
  const file = laboratory.file('nsupdate');
  writeFileSync(file, text, { mode: 0o755 });
  return laboratory.folder;
}
