import { type ChildProcess, spawn } from 'node:child_process';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import type { Time } from '../../scheduling/time.ts';

/** Our choice: how long a dead monitor is waited for before it is started again, at first and at most. */
const firstRestartMs = 1_000;
const longestRestartMs = 60_000;

/** Our choice: changes come in groups, and a router may tell of thousands of routes; so often at most they are passed on. */
const settleMs = 100;

/** A watch over what the kernel announces. */
export interface IpMonitor {
  /** False while nothing is announced: then a watch must poll. */
  readonly isListening: boolean;
  end(): void;
}

/** For a program without an interface: nothing would end a monitor that outlives it. */
export const noMonitor: IpMonitor = { isListening: false, end: () => undefined };

/** Starts `ip monitor`; tests put something else in its place. */
export type MonitorSpawner = () => Pick<ChildProcess, 'stdout' | 'on' | 'kill'>;

/**
 * Calls `woken` soon after addresses or routes of this host changed, by `ip monitor` of iproute2. What it writes is not
 * read: it only says that a look is due. So nothing is kept of it, whatever its form and length, and what is lost
 * when the kernel has more to tell than it can, the next look finds. A monitor that ends is started again, later each time.
 */
export function monitorHost(
  time: Pick<Time, 'now' | 'after'>,
  woken: () => void,
  start: MonitorSpawner = spawnMonitor,
): IpMonitor {
  let child: ReturnType<MonitorSpawner> | undefined;
  let restartMs = firstRestartMs;
  const settling = new DeadlineTimer(time, woken);
  const restart = new DeadlineTimer(time, () => listen());

  const settle = () => {
    if (!settling.isSet) settling.setAfter(settleMs);
  };
  const lose = (lost: typeof child) => {
    if (lost !== child) return;
    child = undefined;
    restart.setAfter(restartMs);
    restartMs = Math.min(2 * restartMs, longestRestartMs);
  };
  const listen = () => {
    const started = start();
    child = started;
    // It says nothing of what happened before it listened.
    settle();
    started.stdout?.on('data', () => {
      restartMs = firstRestartMs;
      settle();
    });
    started.on('error', () => lose(started));
    started.on('close', () => lose(started));
  };
  listen();

  return {
    get isListening() {
      return child !== undefined;
    },
    end() {
      restart.clear();
      settling.clear();
      // Its end is not to be made up for: from here on no child is the present one.
      const last = child;
      child = undefined;
      last?.kill();
    },
  };
}

/**
 * Links and rules too: the kernel takes the routes of a link that goes down away in silence, and a rule may send everything
 * into another table.
 *
 * When this program is killed, its tunnel interface goes with it, and the routes into it; the monitor tells of that, finds
 * its pipe broken and ends.
 */
function spawnMonitor(): ReturnType<MonitorSpawner> {
  return spawn('ip', ['monitor', 'link', 'address', 'route', 'rule'], { stdio: ['ignore', 'pipe', 'ignore'] });
}
