import { type ChildProcess, spawn } from 'node:child_process';
import { DeadlineTimer } from '../../scheduling/deadline-timer.ts';
import type { Time } from '../../scheduling/time.ts';

/** Our choice: the first and the longest delay before a dead monitor is restarted. */
const firstRestartMs = 1_000;
const longestRestartMs = 60_000;

/** Our choice: the least interval between two wake-ups. Changes come in groups, thousands of routes on a router. */
const settleMs = 100;

/** A watch over the announcements of the kernel. */
export interface IpMonitor {
  /** False while the kernel announces nothing, so that a watch must poll. */
  readonly isListening: boolean;
  end(): void;
}

/** Used by a program without an interface: nothing would end a monitor that outlives it. */
export const noMonitor: IpMonitor = { isListening: false, end: () => undefined };

/** Starts `ip monitor`; tests put something else in its place. */
export type MonitorSpawner = () => Pick<ChildProcess, 'stdout' | 'on' | 'kill'>;

/**
 * Runs `ip monitor` of iproute2 and calls `woken` soon after addresses or routes of this host changed. Its output is
 * discarded unparsed: it only triggers a check. The check therefore also finds changes whose announcements the kernel
 * dropped. A monitor that ends is restarted, with a growing delay.
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
    // It does not announce changes that preceded its start.
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
      // Its end must not cause a restart: no child is current any more.
      const last = child;
      child = undefined;
      last?.kill();
    },
  };
}

/**
 * Starts the monitor. It also watches links and rules: the kernel removes the routes of a link that goes down without an
 * announcement, and a rule may redirect all traffic to another table.
 *
 * When this program is killed, the kernel removes its tunnel interface and routes. The monitor writes that to its broken
 * pipe and ends.
 */
function spawnMonitor(): ReturnType<MonitorSpawner> {
  return spawn('ip', ['monitor', 'link', 'address', 'route', 'rule'], { stdio: ['ignore', 'pipe', 'ignore'] });
}
