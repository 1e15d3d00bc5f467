import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { setns, succeeded, unshare } from './test-kernel.ts';

const CLONE_NEWNET = 0x40000000;

/**
 * Moves this thread, and the children it starts later, into a new network namespace that has only a loopback interface.
 * The kernel removes the namespace and its interfaces with its last process. Returns a function that moves the thread back.
 */
export function enterOwnNetwork(): () => void {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  succeeded(unshare(CLONE_NEWNET));
  ip('link', 'set', 'lo', 'up');
  return () => {
    succeeded(setns(home, CLONE_NEWNET));
    closeSync(home);
  };
}

/** Runs iproute2; returns its output. */
export function ip(...words: string[]): string {
  return execFileSync('ip', words, { stdio: 'pipe', encoding: 'utf8' });
}

/** Returns the reason why this process cannot use real devices, as one sentence; undefined if it can. */
export function missingForRealDevices(): string | undefined {
  if (spawnSync('unshare', ['--net', 'true']).status !== 0) return 'needs root, or user namespaces';
  return missingTools();
}

/** As above, for a child with a user namespace of its own. */
export function missingForUserNamespace(): string | undefined {
  if (spawnSync('unshare', ['--map-root-user', '--net', 'true']).status !== 0) {
    return 'needs root, and the kernel allows no user namespaces';
  }
  return missingTools();
}

function missingTools(): string | undefined {
  if (spawnSync('ip', ['-V']).status !== 0) return 'needs iproute2';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'needs read and write access to /dev/net/tun';
  }
}
