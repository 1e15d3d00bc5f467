import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import { repositoryPath } from '../repository.ts';
import { Program } from './program.ts';

/** Where `.ci/setup --tools` unpacks Debian's bind9: nothing of it is installed on the machine. */
const root = repositoryPath('node_modules/.cache/bind9/root');

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
      command: bind9Program('usr/sbin/named'),
      args: ['-g', '-c', file, '-n', '1'],
      environment: { LD_LIBRARY_PATH: libraries() },
    });
    await program.line(/ running$/m, patienceMs);
    return new Bind9(host, address);
  }

  /** Returns the IPv6 addresses of a name. */
  async look(name: string): Promise<readonly string[]> {
    const args = [`LD_LIBRARY_PATH=${libraries()}`, bind9Program('usr/bin/dig')];
    const question = ['+short', '+tries=1', '+time=5', `@${this.#address}`, name, 'AAAA'];
    const { stdout } = await this.#host.runBeside('env', [...args, ...question]);
    return stdout.split('\n').filter((line) => line !== '');
  }
}

/** Makes a key as `tsig-keygen` does, and returns its text. */
export function makeTsigKey(host: Namespace, name: string): string {
  const args = [`LD_LIBRARY_PATH=${libraries()}`, bind9Program('usr/sbin/tsig-keygen')];
  return host.run('env', [...args, '-a', 'hmac-sha256', name]).stdout;
}

/** Returns a folder with `nsupdate`, which finds its libraries by itself. */
export function nsupdateFolder(laboratory: Laboratory): string {
  const text = `#!/bin/sh\nLD_LIBRARY_PATH=${libraries()} exec ${bind9Program('usr/bin/nsupdate')} "$@"\n`;
  const file = laboratory.file('nsupdate');
  writeFileSync(file, text, { mode: 0o755 });
  return laboratory.folder;
}

function bind9Program(path: string): string {
  const program = join(root, path);
  if (existsSync(program)) return program;
  throw new LabError(
    'bind9 is not unpacked: run `sh .ci/setup --tools` on a Debian system that reaches its package mirror.',
  );
}

function libraries(): string {
  bind9Program('usr/sbin/named');
  const folder = join(root, 'usr/lib');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('-linux-gnu')) ?? '');
}
