import {
  type Configuration,
  type ConfigurationSources,
  changedKeys,
  loadConfiguration,
  type Role,
} from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import { createLogger, type Logger } from '@navalis/telemetry';
import { checkDirectWay } from '../diagnosis/check-direct-way.ts';
import { Degradations } from '../health/degradations.ts';
import { degradedReport } from '../health/degraded-report.ts';
import { Upkeep } from '../health/upkeep.ts';
import { type HealthWatch, watchHealth } from '../health/watch-health.ts';
import { EventFeed } from '../hooks/event-feed.ts';
import { EventHook } from '../hooks/event-hook.ts';
import { hostHookRunner } from '../hooks/run-hook.ts';
import { canBind } from '../host/addresses/bindable.ts';
import { readHostAddresses } from '../host/addresses/host-addresses.ts';
import { requireIpCommand, runIpCommands } from '../host/commands/ip-command.ts';
import { monitorHost, noMonitor } from '../host/commands/ip-monitor.ts';
import { DatagramQueues } from '../host/datagram-queues.ts';
import { seeFirewall } from '../host/firewall.ts';
import { signOfManagement } from '../host/managed-host.ts';
import { missingCapability } from '../host/missing-capability.ts';
import { lookUpIpv4 } from '../host/names/look-up-name.ts';
import { hasIpv6Route } from '../host/routes/ipv6-route.ts';
import { hostRoutes } from '../host/routes/route-probe.ts';
import { Announcements } from '../host/watches/announcements.ts';
import { watchHost } from '../host/watches/host-watch.ts';
import { watchSleep } from '../host/watches/sleep-watch.ts';
import type { NavalisError } from '../navalis-error.ts';
import { hostMapping } from '../roles/client/port-mapping/mapping-access.ts';
import { hostTime } from '../scheduling/time.ts';
import { hostStateFiles } from '../state/state-files.ts';
import { batched } from '../status/guard/batched.ts';
import { RecentLines } from '../status/recent-lines.ts';
import { claimStatusSocket, startStatusServer } from '../status/status-server.ts';
import { LiveDataPlanes } from '../systemd/live-data-planes.ts';
import { findServiceManager } from '../systemd/service-manager.ts';
import { ServiceReports } from '../systemd/service-reports.ts';
import { hostInterfaces } from '../tunnel/interface-access.ts';
import type { DataPlaneStarter } from '../worker/data-plane-handle.ts';
import { createControl } from './create-control.ts';
import { ReloadRefusal, reload } from './reload.ts';
import { Drain } from './signals/drain.ts';
import { EndOfRun } from './signals/end-of-run.ts';
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
  const { logLevel: level, logFormat: format, statusSocket: socketPath, http, httpToken, httpNames } = configuration;
  const lines = new RecentLines(hostTime);
  const logger = await createLogger({ level, format, observe: (line) => lines.record(line) });
  for (const warning of configuration.warnings) logger.warn(warning);
  const end = new EndOfRun(logger);
  const sunset = configuration.sunset === undefined ? undefined : new Sunset(configuration.sunset);
  sunset?.announce(logger, hostTime.wall());
  // First, because later steps also fail without privileges when a person starts the program by hand.
  const lacking = missingCapability(role);
  if (lacking !== undefined) throw lacking;
  await claimStatusSocket(socketPath);
  if (role !== 'server') requireIpCommand();

  const planes = new LiveDataPlanes(startDataPlane);
  const service = new ServiceReports({
    logger,
    time: hostTime,
    report: () => report(),
    heartbeat: () => planes.beat(),
    find: () => findServiceManager(process.env, process.pid),
  });
  const run = hostHookRunner(hostTime);
  const hook = new EventHook(configuration.hook, { role, version, logger, time: hostTime, run });
  const events = new EventFeed(hook);
  const stateChanged = () => service.changed();
  const degradations = new Degradations(logger, hostTime, { events, stateChanged });
  const upkeep = new Upkeep();
  const refusal = new ReloadRefusal(hostTime);
  const announcements = new Announcements();
  const interfaceName = interfaceNameOf(configuration);
  const monitor = (woken: () => void) => {
    if (interfaceName === undefined) return noMonitor;
    const both = () => {
      woken();
      announcements.tell();
    };
    return announcements.follow(monitorHost(hostTime, both));
  };
  const control = createControl(configuration, {
    role,
    version,
    logger,
    degradations,
    upkeep,
    events,
    startDataPlane: planes.start,
    runIp: runIpCommands,
    interfaces: hostInterfaces,
    announcements,
    readHostAddresses,
    probes: { signOfManagement, preferOther: () => false },
    lookUpName: (name) => lookUpIpv4(name, hostTime),
    canBind,
    stateFiles: hostStateFiles,
    routes: hostRoutes,
    portMapping: hostMapping,
    seeFirewall: () => seeFirewall(),
    checkDirectWay: (client) => checkDirectWay(client, hostTime),
    time: hostTime,
    stateChanged,
    fail: (error) => end.fail(error),
  });
  const queues = new DatagramQueues(interfaceName);
  const report = async () => {
    const own = {
      ...(await control.status()),
      ...(sunset && { sunset: sunset.lastDay }),
      ...(refusal.report && { refusedReload: refusal.report }),
      upkeep: upkeep.report,
      queues: queues.read(),
    };
    return degradedReport(drain.shownIn(own), degradations.active);
  };
  const drain = new Drain({
    logger,
    time: hostTime,
    events,
    begin: () => control.drain?.() ?? false,
    begun: (drainMs) => service.draining(drainMs),
    finish: () => end.finish(),
  });
  const hostBefore = readHostAddresses();
  const late = {
    time: hostTime,
    warn: (sentence: string) => logger.warn(sentence),
    fail: (error: NavalisError) => end.fail(error),
  };
  const statusServer = await startStatusServer({
    role,
    version,
    socketPath,
    http,
    httpToken,
    httpNames,
    late,
    report: batched(report),
    lines,
    peerAccess: () => control.peerAccess?.(),
  });
  const hostChanged = (host: HostAddresses) => {
    Promise.resolve(control.hostChanged(host)).catch((error) => end.fail(error));
  };
  const watches: (() => void)[] = [];
  let inEffect = configuration;
  let health: HealthWatch | undefined;
  events.tell({ event: 'started' });
  try {
    const started = control.start();
    started.catch((error) => end.fail(error));
    followReloads(configuration, sources, { logger, service, refusal }, (next, changed) => {
      // Each time: the last attempt may have failed.
      statusServer.reconfigure(next).catch((error) => end.fail(error));
      if (changed.length === 0) return;
      inEffect = next;
      hook.reconfigure(next.hook);
      control.reconfigured?.(next);
      health?.reconfigured(next);
    });
    // A client must not wait for the processes of a watch before it gets its address.
    await Promise.race([started, after(watchAfterMs), end.reached]);
    // A reload may have come meanwhile.
    const watch = watchHealth(
      inEffect,
      control,
      { logger, degradations, upkeep, time: hostTime, queues: () => queues.read(), hasIpv6Route },
      hostBefore,
    );
    health = watch;
    const followed = (host: HostAddresses) => {
      watch.hostChanged(host);
      hostChanged(host);
    };
    watches.push(
      () => watch.end(),
      watchHost(
        { time: hostTime, read: readHostAddresses, ownInterface: interfaceName, before: hostBefore, monitor },
        followed,
      ),
      watchSleep(hostTime, (sleptMs) => control.resumed?.(sleptMs)),
      ...(sunset === undefined ? [] : [sunset.watch(logger, (error) => end.fail(error), hostTime)]),
    );
    end.drain = () => drain.begin(drainTimeOf(inEffect));
    await Promise.race([service.ready(), end.reached]);
    await end.reached;
  } finally {
    drain.end();
    service.stopping();
    for (const unwatch of watches) unwatch();
    await statusServer.close();
    await control.stop();
    events.tell({ event: 'stopped' });
    await hook.close();
  }
  // Not after a failure: its error is printed instead.
  logger.info({ event: 'ended' }, `The ${role === 'host-relay' ? 'host-specific relay' : role} has stopped.`);
}

/** Our choice: changes of the host are ignored for this time while a role starts. */
const watchAfterMs = 1_000;

function after(delayMs: number): Promise<void> {
  return new Promise((resolve) => hostTime.after(delayMs, resolve));
}

function followReloads(
  configuration: Configuration,
  sources: ConfigurationSources,
  { logger, service, refusal }: { logger: Logger; service: ServiceReports; refusal: ReloadRefusal },
  reconfigure: (next: Configuration, changed: readonly string[]) => void,
): void {
  let current = configuration;
  const takeOver = () => {
    const next = reload(current, sources, logger, refusal);
    const changed = changedKeys(current, next);
    current = next;
    reconfigure(current, changed);
  };
  process.on('SIGHUP', () => void service.reload(takeOver));
}

function drainTimeOf(configuration: Configuration): number {
  return 'drainTimeMs' in configuration ? configuration.drainTimeMs : 0;
}

function interfaceNameOf(configuration: Configuration): string | undefined {
  return configuration.role === 'server' ? undefined : configuration.interfaceName;
}
