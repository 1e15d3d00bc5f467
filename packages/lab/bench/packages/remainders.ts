import type { SystemdMachine } from '../../src/systemd/systemd-machine.ts';

/** Folders that change without packages: of the kernel, of systemd, of dpkg's own records. */
const changing = [
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/tmp',
  '/root',
  '/var/tmp',
  '/var/log',
  '/var/lib/dpkg',
  '/var/lib/systemd',
  '/var/cache',
];

/** Returns the files of a machine that a package could leave behind, and the processes of our programs. */
export async function remainders(machine: SystemdMachine): Promise<readonly string[]> {
  const pruned = changing.flatMap((path) => ['-path', path, '-prune', '-o']);
  const files = await machine.run('find', ['/', ...pruned, '-print'], { timeoutMs: 60_000 });
  const state = await machine.run('sh', [
    '-c',
    'ls -d /var/lib/teredo* /var/lib/private/* /run/teredo* 2>/dev/null; true',
  ]);
  return `${files.stdout}${state.stdout}`.split('\n').filter((line) => line !== '');
}
