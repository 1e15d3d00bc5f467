import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type CommandOptions, type CommandResult, run, runBeside } from '../command.ts';
import { LabError } from '../lab-error.ts';
import type { Laboratory } from '../laboratory.ts';
import type { Namespace } from '../network/namespace.ts';
import type { Role } from '../programs/navalis.ts';
import { Program } from '../programs/program.ts';
import { repositoryPath } from '../repository.ts';
import {
  addTunnelDevice,
  createSystemdRoot,
  interpreterMounts,
  repositoryMount,
  type SystemdRootOptions,
} from './systemd-root.ts';

/** A line of the journal. */
export interface JournalLine {
  readonly message: string;
  /** The syslog priority: 3 error, 4 warning, 6 information, 7 debugging. */
  readonly priority: number;
  /** Milliseconds of `Date.now()`. */
  readonly atMs: number;
}

/**
 * A machine of the laboratory with a systemd of its own that starts our programs by the shipped units: a container of
 * systemd-nspawn in the machine's network namespace. /usr is the host's, read-only; /etc is generated, and /var is empty.
 */
export class SystemdMachine {
  readonly host: Namespace;
  readonly program: Program;
  readonly #laboratory: Laboratory;
  #init: number | undefined;

  private constructor(laboratory: Laboratory, host: Namespace, program: Program) {
    this.#laboratory = laboratory;
    this.host = host;
    this.program = program;
  }

  /** Resolves when systemd has finished the boot. */
  static async boot(laboratory: Laboratory, host: Namespace, options: SystemdRootOptions): Promise<SystemdMachine> {
    const root = laboratory.file(`root-${host.label}`);
    mkdirSync(root);
    createSystemdRoot(root, options);
    const mounts = ['--bind-ro=/usr', ...interpreterMounts(), `--bind-ro=${repositoryPath('.')}:${repositoryMount}`];
    return SystemdMachine.#boot(laboratory, host, { root, mounts });
  }

  /** Boots a whole Debian with a /usr of its own; `root` is its folder. */
  static bootDebian(laboratory: Laboratory, host: Namespace, root: string): Promise<SystemdMachine> {
    addTunnelDevice(root);
    return SystemdMachine.#boot(laboratory, host, { root, mounts: [] });
  }

  static async #boot(laboratory: Laboratory, host: Namespace, place: Place): Promise<SystemdMachine> {
    const machine = new SystemdMachine(laboratory, host, boot(laboratory, host, place));
    await machine.program.until('the end of its boot', () => machine.#hasBooted(), bootMs);
    return machine;
  }

  /** Returns the journal of a program, oldest line first. */
  async journal(role: Role): Promise<readonly JournalLine[]> {
    // Leaves out systemd's own messages about the unit. A busy machine still has lines in /run, not in /var yet.
    const unit = `_SYSTEMD_UNIT=teredo-${role}.service`;
    const { stdout } = await this.run('journalctl', ['--output=json', '--no-pager', unit]);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<'MESSAGE' | 'PRIORITY' | '__REALTIME_TIMESTAMP', string>)
      .map(({ MESSAGE: message, PRIORITY: priority, __REALTIME_TIMESTAMP: microseconds }) => ({
        message,
        priority: Number(priority),
        atMs: Number(microseconds) / 1000,
      }));
  }

  /** Waits for a line of the journal after a time of `Date.now()`. */
  async line(role: Role, pattern: RegExp, timeoutMs: number, afterMs: number = 0): Promise<JournalLine> {
    let lines: readonly JournalLine[] = [];
    const find = async () => {
      lines = await this.journal(role);
      return lines.find(({ message, atMs }) => atMs > afterMs && pattern.test(message));
    };
    try {
      return await this.program.until(`a line of teredo-${role} like ${pattern}`, find, timeoutMs, lookAgainMs);
    } catch (error) {
      const messages = lines.map(({ message }) => message).join('\n');
      throw new LabError(
        `${(error as Error).message}\nThe journal of teredo-${role} on ${this.host.label}:\n${messages}`,
      );
    }
  }

  /** Returns a property of a unit, as `systemctl show` prints it. */
  async property(role: Role, name: string): Promise<string> {
    const args = ['show', '--value', `--property=${name}`, `teredo-${role}.service`];
    return (await this.run('systemctl', args)).stdout.trim();
  }

  /** Waits until systemd shows a status of the program like the pattern. */
  status(role: Role, pattern: RegExp, timeoutMs: number): Promise<string> {
    const find = async () => {
      const text = await this.property(role, 'StatusText');
      return pattern.test(text) ? text : undefined;
    };
    return this.program.until(`a status of teredo-${role} like ${pattern}`, find, timeoutMs, lookAgainMs);
  }

  /** Writes a file of the machine. */
  write(path: string, text: string): Promise<CommandResult> {
    return this.run('sh', ['-c', 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', 'sh', path, text]);
  }

  /** Sends a signal to the process of a program. */
  signal(role: Role, name: string): Promise<CommandResult> {
    return this.run('systemctl', ['kill', `--signal=SIG${name}`, `teredo-${role}.service`]);
  }

  /** Stops the thread of a program's data plane alone; it stays so until its end, or the end of the returned program. */
  async stopDataPlane(role: Role): Promise<Program> {
    const pid = await this.property(role, 'MainPID');
    // It alone waits in poll(2), or ppoll(2) on arm64.
    const find = async () => {
      const { stdout } = await this.run('sh', ['-c', `cd /proc/${pid}/task && grep -E '^7(3)? ' */syscall`], {
        tolerant: true,
      });
      return /^(\d+)\//.exec(stdout)?.[1];
    };
    const thread = await this.program.until(`the data plane of teredo-${role}`, find, findMs, lookAgainMs);
    const args = [...this.#entering(), 'perl', '-MPOSIX', '-e', stopThread, thread];
    const program = Program.start(this.#laboratory, this.host, { name: 'thread stopper', command: 'nsenter', args });
    await program.line(/^stopped$/m);
    return program;
  }

  /** Runs a command on the machine, as root. */
  run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return runBeside('nsenter', [...this.#entering(), command, ...args], options);
  }

  #entering(): readonly string[] {
    this.#init ??= initOf(this.host);
    return [`--target=${this.#init}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--'];
  }

  async #hasBooted(): Promise<true | undefined> {
    this.#init ??= initOf(this.host);
    if (this.#init === undefined) return undefined;
    const { stdout } = await this.run('systemctl', ['is-system-running'], { tolerant: true });
    return /^(running|degraded)$/.test(stdout.trim()) ? true : undefined;
  }
}

/** Seizes a thread with ptrace(2), interrupts it, and waits for its end. */
const stopThread = `
  my $call = (POSIX::uname())[4] eq 'aarch64' ? 117 : 101;
  my $thread = $ARGV[0] + 0;
  syscall($call, 0x4206, $thread, 0, 0) == 0 or die "seize: $!";
  syscall($call, 0x4207, $thread, 0, 0) == 0 or die "interrupt: $!";
  $| = 1;
  my $isTold = 0;
  while (waitpid($thread, 0x40000000) > 0) { print "stopped\\n" unless $isTold++ }
`;

const bootMs = 60_000;
const findMs = 10_000;
/** The interval for polling a journal: each poll starts a process. */
const lookAgainMs = 200;

/** The root folder of a machine, and the options of systemd-nspawn for what is mounted into it. */
interface Place {
  readonly root: string;
  readonly mounts: readonly string[];
}

function boot(laboratory: Laboratory, host: Namespace, { root, mounts }: Place): Program {
  return Program.start(laboratory, host, {
    name: `systemd on ${host.label}`,
    // Back to the mounts of this process: `ip netns exec` has hidden the control groups.
    command: 'nsenter',
    args: [
      ...[`--target=${process.pid}`, '--mount', '--', 'systemd-nspawn'],
      '--quiet',
      '--register=no',
      // Without systemd on the host there is no service that could assign a control group.
      ...(existsSync('/run/systemd/system') ? [] : ['--keep-unit']),
      `--machine=${host.label}`,
      `--directory=${root}`,
      ...mounts,
      '--capability=CAP_NET_ADMIN,CAP_MKNOD',
      `--network-namespace-path=/run/netns/${host.name}`,
      '--resolv-conf=off',
      '--timezone=off',
      '--console=pipe',
      '--boot',
    ],
  });
}

/** The process in the namespace that is number 1 in its own. */
function initOf(host: Namespace): number | undefined {
  const pids = run('ip', ['netns', 'pids', host.name]).stdout.split(/\s+/).filter(Boolean).map(Number);
  return pids.find((pid) => {
    try {
      return /^NSpid:\s.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
