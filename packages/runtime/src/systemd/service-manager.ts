import type { UnixSender } from '@navalis/netio';

/** The service manager that started this program, as sd_notify(3) reaches it. */
export interface ServiceManager {
  readonly sender: Pick<UnixSender, 'send'>;
  /** How long it waits for a sign of life before it kills the program; undefined for ever. */
  readonly watchdogMs: number | undefined;
}

/** The variables that name a service manager. */
type ServiceEnvironment = Partial<Record<'NOTIFY_SOCKET' | 'WATCHDOG_USEC' | 'WATCHDOG_PID', string>>;

/**
 * Returns the service manager that the environment names, and removes its variables, so that no child speaks in the name of this
 * program. Returns undefined without a service manager, as for a program that a person started.
 * @throws DeviceError if its socket cannot be used from this machine.
 */
export async function findServiceManager(
  environment: ServiceEnvironment,
  pid: number,
): Promise<ServiceManager | undefined> {
  const { NOTIFY_SOCKET: address = '', WATCHDOG_USEC: microseconds = '', WATCHDOG_PID: watched = '' } = environment;
  delete environment.NOTIFY_SOCKET;
  delete environment.WATCHDOG_USEC;
  delete environment.WATCHDOG_PID;
  if (address === '') return undefined;
  // Loaded for services only: it takes longer than anything else in this thread.
  const { openUnixSender } = await import('@navalis/netio');
  return { sender: openUnixSender(address), watchdogMs: watchdogMs(microseconds, watched, pid) };
}

/** The watchdog may be for another process, such as a parent that inherited the variables to this one. */
function watchdogMs(microseconds: string, watched: string, pid: number): number | undefined {
  if (watched !== '' && watched !== String(pid)) return undefined;
  const value = Number(microseconds);
  return Number.isFinite(value) && value > 0 ? value / 1000 : undefined;
}
