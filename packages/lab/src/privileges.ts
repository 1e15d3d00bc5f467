import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { run } from './command.ts';
import { LabError } from './lab-error.ts';

/** Marks the re-entered process. */
const reentered = 'NAVALIS_LAB_REENTERED';

/**
 * Ensures that this process may create network namespaces. Without root it runs the same command again in user,
 * network and mount namespaces of its own and exits with the status of that command.
 */
export async function ensurePrivileges(): Promise<void> {
  if (process.env[reentered] !== undefined) {
    prepareOwnMounts();
  } else if (process.geteuid?.() !== 0 || !mayAdministrate()) {
    refuseWhatCannotWork();
    process.exit(await reenter());
  }
}

/** `ip netns` keeps its names in /run/netns, which an ordinary user can only write in a mount namespace of their own. */
function prepareOwnMounts(): void {
  run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  run('mkdir', ['/run/netns']);
}

function refuseWhatCannotWork(): void {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    throw new LabError(
      'The device /dev/net/tun is missing or not accessible: load the module tun, or run this as root.',
    );
  }
  const attempt = spawnSync('unshare', [...namespaces, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], { encoding: 'utf8' });
  if (attempt.status === 0) return;
  throw new LabError(
    `Without root, the laboratory needs user namespaces, which this kernel refuses (${attempt.stderr?.trim() || 'unshare is missing'}). Run this as root, or allow them: sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0.`,
  );
}

const namespaces: readonly string[] = ['--user', '--map-root-user', '--mount', '--net'];

function reenter(): Promise<number> {
  const command = [...namespaces, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', command, { stdio: 'inherit', env: { ...process.env, [reentered]: '1' } });
  // The other process cleans up after itself; this one only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
}

/** Root of a container often lacks the capability to create network namespaces; CAP_SYS_ADMIN is bit 21. */
function mayAdministrate(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
}
