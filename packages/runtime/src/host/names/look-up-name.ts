import { type ChildProcess, execFile } from 'node:child_process';
import { lookup, Resolver } from 'node:dns/promises';
import type { Time } from '../../scheduling/time.ts';

/** Our choice: the interval of retries while the network is silent, and the time-out of a lookup. */
const askAgainMs = 2_000;
const giveUpMs = 6_000;

/** Our choice: the time-out of the search for the reason of a failure. */
const reasonLimitMs = 1_000;

/**
 * Looks a name up as the C library does: hosts file, DNS, and what else this host is set up for. The lookup runs in a process of
 * its own, because it could not be cancelled in this one: without an answer it would delay the exit for 10 s and more.
 * Rejects with the code `ENOTFOUND` when there is no such name, `EAI_AGAIN` when no name server answers.
 */
export function lookUpIpv4(name: string, time: Pick<Time, 'after' | 'every'>): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const children = new Set<ChildProcess>();
    let isOver = false;
    const finish = (settle: () => void) => {
      isOver = true;
      endAsking();
      endLimit();
      for (const child of children) end(child);
      settle();
    };
    const ask = () => {
      const child = getent(name, (addresses, error) => {
        children.delete(child);
        running.delete(child);
        if (isOver) return;
        if (addresses.length > 0) finish(() => resolve(addresses));
        else if (error?.code === 'ENOENT') finish(() => resolve(withoutGetent(name)));
        else if (children.size === 0) finish(() => reasonOf(name).then(reject));
      });
      children.add(child);
      running.add(child);
    };
    const endAsking = time.every(askAgainMs, ask);
    const endLimit = time.after(giveUpMs, () => finish(() => reject(failure('EAI_AGAIN'))));
    ask();
  });
}

/** Lookups to cancel when this program exits. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach(end));

function end(child: ChildProcess): void {
  child.kill('SIGKILL');
}

type GetentOutcome = (addresses: readonly string[], error: { readonly code?: unknown } | null) => void;

/** Lines of `getent ahostsv4` are an address, a kind of socket, and a name; each address has several. */
function getent(name: string, done: GetentOutcome): ChildProcess {
  return execFile('getent', ['ahostsv4', name], (error, stdout) => {
    const addresses = stdout.split('\n').map((line) => line.split(/\s/, 1)[0]!);
    done([...new Set(addresses.filter((address) => address !== ''))], error);
  });
}

/** Looks a name up on a system without getent, which every Debian has. */
async function withoutGetent(name: string): Promise<readonly string[]> {
  return (await lookup(name, { family: 4, all: true })).map(({ address }) => address);
}

/** Returns the error of a failed lookup. Unlike `getent`, it says if a name server reported that the name does not exist. */
async function reasonOf(name: string): Promise<Error> {
  const resolver = new Resolver({ timeout: reasonLimitMs, tries: 1 });
  try {
    await resolver.resolve4(name);
    return failure('EAI_AGAIN');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failure(code === 'ENOTFOUND' || code === 'ENODATA' ? 'ENOTFOUND' : 'EAI_AGAIN');
  }
}

function failure(code: 'ENOTFOUND' | 'EAI_AGAIN'): Error {
  return Object.assign(new Error(code), { code });
}
