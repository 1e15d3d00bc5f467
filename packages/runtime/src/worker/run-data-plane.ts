import { performance } from 'node:perf_hooks';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { type Ipv4Endpoint, Ipv4Policy, type Ipv6Prefix } from '@navalis/address';
import type { Engine, EngineEvent, EngineLife, Milliseconds, RandomSource } from '@navalis/engine';
import { type Netio, openLinuxNetio } from '@navalis/netio';
import { PeerScan } from '@navalis/traversal';
import type { RelayOutputs } from '@navalis/turn';
import { NavalisError } from '../navalis-error.ts';
import type { TracedEvent } from '../peers/peer-watch.ts';
import { WatchedEngine } from '../peers/watched-engine.ts';
import { hostTime, WallOrigin } from '../scheduling/time.ts';
import { DeviceLosses } from './device-losses.ts';
import { DeviceOutputs } from './device-outputs.ts';
import { flushDevices, openDevices } from './devices.ts';
import { compileEarly } from './early-compilation.ts';
import { type LoopParts, runLoop } from './loop/loop.ts';
import { LoopLoad } from './loop/loop-load.ts';
import { WatchedDevices } from './loop/watched-devices.ts';
import type { ControlMessage, DataPlaneMessage, DataPlaneSettings } from './messages.ts';
import { cryptographicRandom } from './random-source.ts';
import { dataPlaneStatus } from './status.ts';

/** The collaborators of an engine, besides its settings. */
export interface EngineContext {
  readonly policy: Ipv4Policy;
  /** IPv6 ranges to treat as global although reserved. */
  readonly extraGlobalIpv6: readonly Ipv6Prefix[];
  readonly outputs: RelayOutputs;
  readonly random: RandomSource;
  /** The local endpoint of each socket, in the order of the settings. */
  readonly bound: readonly Ipv4Endpoint[];
}

/** Creates and updates the engine of a role. */
export interface DataPlaneBinding<Settings, Update, RoleEngine> {
  readonly createEngine: (settings: Settings, context: EngineContext) => RoleEngine;
  readonly update?: (engine: RoleEngine, update: Update, now: Milliseconds) => void;
}

/**
 * A worker's main function: waits for its settings, opens the devices, runs the engine on them until told to stop, and
 * closes them.
 */
export function runDataPlane<Settings, Update = never, RoleEngine extends Engine & EngineLife = Engine & EngineLife>(
  binding: DataPlaneBinding<Settings, Update, RoleEngine>,
): void {
  const port = parentPort!;
  port.once('message', (settings: DataPlaneSettings<Settings>) => {
    try {
      run(binding, settings, port);
    } catch (error) {
      // Any other error is a defect: it ends the worker, and the control plane reports it.
      if (!(error instanceof NavalisError)) throw error;
      post(port, { kind: 'failed', code: error.code, sentence: error.message, evidence: error.evidence });
    }
  });
}

function run<Settings, Update, RoleEngine extends Engine & EngineLife>(
  binding: DataPlaneBinding<Settings, Update, RoleEngine>,
  settings: DataPlaneSettings<Settings>,
  port: MessagePort,
): void {
  compileEarly();
  const losses = new DeviceLosses();
  const netio = openLinuxNetio({ offload: settings.devices.offload });
  try {
    netio.raiseOwnPriority();
    const poller = netio.openPoller();
    const watched = new WatchedDevices(poller);
    const devices = openDevices(settings.devices, { netio, watched, losses });
    const { bound } = devices.ports;
    const policy = new Ipv4Policy({ strictness: 'strict', extraGlobal: settings.extraGlobalIpv4 });
    policy.replaceDirectedBroadcasts(settings.directedBroadcasts);
    const report = (event: EngineEvent) => post(port, { kind: 'event', event });
    const outputs = new DeviceOutputs(devices.ports, devices.host, report);
    const { extraGlobalIpv6 } = settings;
    const context = { policy, extraGlobalIpv6, outputs, random: cryptographicRandom(), bound };
    const engine = binding.createEngine(settings.engine, context);
    const load = new LoopLoad();
    const { update } = binding;
    const watching = new WatchedEngine(engine, context.random, () => performance.now());
    const origin = new WallOrigin();
    const scan = new PeerScan(engine.peerRows, () => origin.read());
    const parts: MessageParts<Update, RoleEngine> = {
      scan,
      watching,
      port,
      update,
      engine,
      policy,
      netio,
      losses,
      load,
      origin,
    };
    post(port, { kind: 'ready', wakeDescriptor: poller.wakeDescriptor, bound });
    const loop: { engine: Engine & EngineLife } & Omit<LoopParts, 'engine'> = {
      engine,
      poller,
      receivers: watched.receivers,
      flush: () => flushDevices(netio, devices),
      clock: () => performance.now(),
      background: scan,
      load,
      handleMessages: (now) => {
        const goesOn = handleMessages(parts, now);
        loop.engine = watching.isWatching ? watching : engine;
        outputs.watcher = watching.isWatching ? watching : undefined;
        return goesOn;
      },
    };
    runLoop(loop);
  } finally {
    netio.close();
  }
}

/** The targets of messages from the control plane. */
interface MessageParts<Update, RoleEngine> {
  readonly port: MessagePort;
  readonly update: DataPlaneBinding<never, Update, RoleEngine>['update'];
  readonly engine: RoleEngine;
  readonly policy: Ipv4Policy;
  readonly netio: Pick<Netio, 'offloads'>;
  readonly losses: DeviceLosses;
  readonly load: LoopLoad;
  readonly scan: PeerScan;
  readonly watching: WatchedEngine;
  readonly origin: WallOrigin;
}

/** Handles all waiting messages; returns false when the last one ends the data plane. */
function handleMessages<Update, RoleEngine extends Engine & EngineLife>(
  { port, update, engine, policy, netio, losses, load, scan, watching, origin }: MessageParts<Update, RoleEngine>,
  now: Milliseconds,
): boolean {
  for (;;) {
    const message = receiveMessageOnPort(port)?.message as ControlMessage<Update> | undefined;
    switch (message?.kind) {
      case undefined:
        return true;
      case 'stop':
        return false;
      case 'status': {
        const status = dataPlaneStatus(engine.status(), {
          losses,
          offloads: netio.offloads,
          loop: load.report(now),
          timeOrigin: origin.read(),
        });
        post(port, { kind: 'status', id: message.id, status });
        break;
      }
      case 'beat':
        post(port, { kind: 'beat' });
        break;
      case 'peers': {
        const { id, query } = message;
        scan.request(query, (page) => post(port, { kind: 'peers', id, page }, [page.columns.buffer]));
        break;
      }
      case 'watch': {
        const { id, request } = message;
        // The wall clock itself: since the time origin it may have been set, or the host have slept.
        const tell = (event: TracedEvent) => post(port, { kind: 'watched', id, event, atMs: hostTime.wall() });
        if (!watching.watch(id, request, tell)) tell({ kind: 'done' });
        break;
      }
      case 'unwatch':
        watching.unwatch(message.id);
        break;
      case 'directed-broadcasts':
        policy.replaceDirectedBroadcasts(message.addresses);
        break;
      case 'extra-global-ipv4':
        policy.replaceExtraGlobal(message.ranges);
        break;
      case 'update':
        update?.(engine, message.update, now);
        break;
    }
  }
}

function post(port: MessagePort, message: DataPlaneMessage, moved: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, moved);
}
