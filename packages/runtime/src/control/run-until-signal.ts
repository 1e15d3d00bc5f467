import { setTimeout } from 'node:timers/promises';
import { type Configuration, type ConfigurationSources, loadConfiguration, type Role } from '@navalis/config';
import type { NavalisError } from '@navalis/engine';
import { createLogger, type Logger } from '@navalis/telemetry';
import { Degradations } from '../health/degradations.ts';
import { degradedReport } from '../health/degraded-report.ts';
import { Announcements } from '../host/announcements.ts';
import { seeFirewall } from '../host/firewall.ts';
import { readHostAddresses } from '../host/host-addresses.ts';
import { runIpCommands } from '../host/ip-command.ts';
import { monitorHost, noMonitor } from '../host/ip-monitor.ts';
import { signOfManagement } from '../host/managed-host.ts';
import { lookUpIpv4 } from '../host/resolve-servers.ts';
import { watchSleep } from '../host/sleep-watch.ts';
import { claimStatusSocket, type StatusServer, startStatusServer } from '../status/status-server.ts';
import { hostInterfaces } from '../tunnel/interface-access.ts';
import { createControl } from './create-control.ts';
import type { DataPlaneStarter } from './data-plane-handle.ts';
import { watchHost } from './host-watch.ts';
import { reload } from './reload.ts';
import type { RoleControl } from './role-control.ts';
import { Sunset } from './sunset.ts';

/**
 * Runs a role until SIGTERM, SIGINT or a failure, and leaves nothing behind.
 * @throws NavalisError when the role cannot start or fails later.
 */
export async function runUntilSignal(
  role: Role,
  version: string,
  sources: ConfigurationSources,
  startDataPlane: DataPlaneStarter,
): Promise<void> {
  const configuration: Configuration = loadConfiguration(role, sources);
  const { logLevel: level, logFormat: format, statusSocket: socketPath, http } = configuration;
  const logger = await createLogger({ level, format });
  for (const warning of configuration.warnings) logger.warn(warning);
  const end = new EndOfRun();
  const sunset = configuration.sunset === undefined ? undefined : new Sunset(configuration.sunset);
  sunset?.announce(logger, Date.now());
  await claimStatusSocket(socketPath);

  const degradations = new Degradations(logger);
  const announcements = new Announcements();
  const interfaceName = interfaceNameOf(configuration);
  const monitor = (woken: () => void) => {
    if (interfaceName === undefined) return noMonitor;
    const both = () => {
      woken();
      announcements.tell();
    };
    return announcements.follow(monitorHost(both));
  };
  const control = createControl(configuration, {
    version,
    logger,
    degradations,
    startDataPlane,
    runIp: runIpCommands,
    interfaces: hostInterfaces,
    announcements,
    readHostAddresses,
    probes: { signOfManagement, preferOther: () => false },
    lookUpName: lookUpIpv4,
    seeFirewall: () => seeFirewall(),
    clock: () => performance.now(),
    fail: (error) => end.fail(error),
  });
  let statusServer: StatusServer | undefined;
  const watches: (() => void)[] = [];
  const hostBefore = readHostAddresses();
  const started = control.start();
  try {
    await Promise.race([started, end.reached]);
    watches.push(
      watchHost(readHostAddresses, interfaceName, (host) => control.hostChanged(host), hostBefore, monitor),
      watchSleep((sleptMs) => control.resumed?.(sleptMs)),
      ...(sunset === undefined ? [] : [sunset.watch(logger, (error) => end.fail(error))]),
    );
    const report = async () => {
      const own = { ...(await control.status()), ...(sunset && { sunset: sunset.lastDay }) };
      return degradedReport(own, degradations.active);
    };
    statusServer = await startStatusServer({ role, version, socketPath, http, report });
    followReloads(configuration, sources, logger, control);
    await end.reached;
  } finally {
    for (const unwatch of watches) unwatch();
    await statusServer?.close();
    // A start that a signal cut short ends soon, unless it waits for a name server and has nothing to undo.
    await Promise.race([started.catch(() => undefined), setTimeout(1_000)]);
    await control.stop();
  }
}

/** A signal, or an error that ends the run. */
class EndOfRun {
  readonly reached: Promise<void>;
  fail: (error: NavalisError) => void = () => undefined;

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.fail = reject;
      process.once('SIGTERM', () => resolve());
      process.once('SIGINT', () => resolve());
    });
    // Whoever waits for it is told; until somebody does, it is no unhandled rejection.
    this.reached.catch(() => undefined);
  }
}

function followReloads(
  configuration: Configuration,
  sources: ConfigurationSources,
  logger: Logger,
  control: RoleControl,
): void {
  let current = configuration;
  process.on('SIGHUP', () => {
    const next = reload(current, sources, logger);
    if (next === current) return;
    current = next;
    control.reconfigured?.(current);
  });
}

function interfaceNameOf(configuration: Configuration): string | undefined {
  return configuration.role === 'server' ? undefined : configuration.interfaceName;
}
