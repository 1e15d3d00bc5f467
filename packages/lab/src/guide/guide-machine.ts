import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type CommandResult, runBeside } from '../command.ts';
import type { Laboratory } from '../laboratory.ts';
import { laboratoryRanges } from '../network/address-plan.ts';
import type { Namespace } from '../network/namespace.ts';
import { mainFile } from '../programs/navalis.ts';
import { Program } from '../programs/program.ts';
import type { Role } from '../programs/role.ts';

const roles: readonly Role[] = ['client', 'server', 'relay', 'host-relay'];

/**
 * A machine on which the commands of the guide run as they are printed. It has its own /etc, /run and /var/lib, the four programs
 * in its path, and a `systemctl` that knows `enable --now` and `stop`.
 */
export class GuideMachine {
  readonly #keeper: Program;
  readonly #path: string;

  private constructor(keeper: Program, path: string) {
    this.#keeper = keeper;
    this.#path = path;
  }

  static async start(laboratory: Laboratory, host: Namespace): Promise<GuideMachine> {
    const folder = laboratory.file(`guide-${host.label}`);
    const programs = join(folder, 'bin');
    mkdirSync(programs, { recursive: true });
    for (const role of roles) writeScript(join(programs, `teredo-${role}`), programScript(role));
    writeScript(join(programs, 'systemctl'), systemctlScript);
    const keeper = Program.start(laboratory, host, {
      name: `the guide on ${host.label}`,
      command: 'unshare',
      args: ['--mount', '--propagation', 'private', 'sh', '-euc', ownFolders, 'sh', folder],
    });
    await keeper.line(/^ready$/m);
    return new GuideMachine(keeper, programs);
  }

  /** Runs commands of the guide; fails when one of them fails. */
  run(commands: string, options: CommandOptions = {}): Promise<CommandResult> {
    const script = `PATH=${this.#path}:$PATH; export PATH; ${commands}`;
    const { pid } = this.#keeper;
    return runBeside('nsenter', ['-t', String(pid), '-m', '-n', 'sh', '-euc', script], {
      timeoutMs: 120_000,
      ...options,
    });
  }
}

const ownFolders = `
  cp -a /etc "$1/etc"
  mount --bind "$1/etc" /etc
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /var/lib
  echo ready
  exec sleep 600`;

/** The address ranges of the laboratory are reserved, which a real program refuses. */
function programScript(role: Role): string {
  return `exec ${process.execPath} ${mainFile(role)} "$@" --extra-global-ipv4 ${laboratoryRanges.join(',')} --offload off`;
}

/** The line of the log after which systemd would hear that a program is ready or, of a client, that it has an address. */
const readyLine = 'Listening on UDP port|Relaying 2001::|Reaching Teredo clients through|Teredo address 2001:';

/** Starts programs in the background and returns when they run, as systemd does; they end with their namespace. */
const systemctlScript = `
case "$1" in
enable)
  shift 2
  for unit in "$@"; do
    setsid "$unit" run >/run/"$unit".log 2>&1 </dev/null &
    echo $! >/run/"$unit".pid
  done
  for unit in "$@"; do
    tries=0
    until grep -Eq '${readyLine}' /run/"$unit".log; do
      tries=$((tries + 1))
      [ $tries -lt 600 ] || { cat /run/"$unit".log >&2; exit 1; }
      sleep 0.1
    done
  done
  ;;
stop | disable)
  for unit in "$@"; do [ ! -e /run/"$unit".pid ] || kill "$(cat /run/"$unit".pid)"; done
  ;;
*)
  echo "systemctl $1 is not part of the laboratory" >&2
  exit 1
  ;;
esac`;

function writeScript(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
