import { type CommandOptions, type CommandResult, run, runBeside } from '../command.ts';

/** One machine of the laboratory: a network namespace with its own interfaces, routes, firewall and ports. */
export class Namespace {
  /** Name as `ip netns` shows it. */
  readonly name: string;
  /** A name for people: `server`, `nat-1`, ... */
  readonly label: string;

  private constructor(name: string, label: string) {
    this.name = name;
    this.label = label;
  }

  static create(prefix: string, label: string): Namespace {
    const namespace = new Namespace(prefix + label, label);
    run('ip', ['netns', 'add', namespace.name]);
    // Duplicate address detection would keep every address tentative for a second or two.
    namespace.setting('net/ipv6/conf/all/accept_dad', '0');
    namespace.setting('net/ipv6/conf/default/accept_dad', '0');
    namespace.ip('link set lo up');
    return namespace;
  }

  /** `ip` commands, one per argument, without the leading `ip`; they run as one batch. */
  ip(...lines: readonly string[]): void {
    run('ip', ['-n', this.name, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** Returns the result of an `ip -json` command. */
  ipJson(...args: readonly string[]): unknown {
    const text = run('ip', ['-n', this.name, '-json', ...args]).stdout.trim();
    return text === '' ? [] : JSON.parse(text);
  }

  /** Writes a file below /proc/sys, as seen in this namespace. */
  setting(path: string, value: string): void {
    this.run('sh', ['-c', 'echo "$1" > "/proc/sys/$0"', path, value]);
  }

  run(command: string, args: readonly string[], options: CommandOptions = {}): CommandResult {
    return run('ip', ['netns', 'exec', this.name, command, ...args], options);
  }

  runBeside(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return runBeside('ip', ['netns', 'exec', this.name, command, ...args], options);
  }
}

/** Ends every process in the namespace and removes it. */
export function removeNamespace(name: string): void {
  const pids = run('ip', ['netns', 'pids', name], { tolerant: true }).stdout.split(/\s+/).filter(Boolean).map(Number);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  run('ip', ['netns', 'del', name], { tolerant: true });
}
