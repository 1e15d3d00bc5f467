import { parseIpv4 } from '@navalis/address';
import { type EngineOutputs, NavalisError } from '@navalis/engine';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runDataPlane } from '../../src/worker/run-data-plane.ts';
import { FakeWorker, packetOf, RecordingEngine, recordingBinding, workerSettings } from '../fake-worker.ts';

const home = parseIpv4('192.168.1.2')!;
const other = parseIpv4('192.168.1.3')!;
const peer = parseIpv4('8.8.8.8')!;

let worker: FakeWorker;

vi.mock('node:worker_threads', async (original) => ({
  ...(await original<typeof import('node:worker_threads')>()),
  get parentPort() {
    return worker.port;
  },
  receiveMessageOnPort: () => (worker.inbox.length === 0 ? undefined : { message: worker.inbox.shift() }),
}));
vi.mock('@navalis/netio', async (original) => ({
  ...(await original<typeof import('@navalis/netio')>()),
  openLinuxNetio: (options: unknown) => worker.open(options),
}));
// It changes the whole process.
vi.mock('../../src/worker/early-compilation.ts', () => ({ compileEarly: () => undefined }));

const socket = (address = home, port = 4000) => ({ endpoint: { address, port } });
const service = [socket()];
const ofServer = workerSettings(service, { devices: { sockets: service, interfaceName: undefined, offload: true } });

/** A worker that waits for its settings. */
function waitingWorker() {
  const recording = recordingBinding();
  runDataPlane<unknown, unknown, RecordingEngine>(recording.binding);
  return { ...recording, engine: () => recording.engines[0]! };
}

beforeEach(() => {
  worker = new FakeWorker([home, other]);
});

describe('the life of a data-plane worker', () => {
  it('opens its devices, says that it is ready, runs its engine until told to stop, and closes everything', () => {
    const { engine } = waitingWorker();
    expect(worker.openedWith).toEqual([]);
    worker.run(workerSettings([socket(home, 0)], { engine: { kind: 'own' } }));
    expect(worker.openedWith).toEqual([{ offload: true }]);
    expect(worker.netio.hasPriority).toBe(true);
    expect(worker.netio.tunnels.map(({ name }) => name)).toEqual(['teredo']);
    const bound = [{ address: home, port: 49_152 }];
    expect(worker.posted).toEqual([
      { kind: 'ready', wakeDescriptor: 77, bound },
      { kind: 'event', event: { kind: 'started' } },
      { kind: 'event', event: { kind: 'stopped' } },
    ]);
    expect(engine().settings).toEqual({ kind: 'own' });
    expect(engine().context.bound).toEqual(bound);
    expect(engine().trace).toEqual(['start', 'stop']);
    expect(worker.netio.isClosed).toBe(true);
  });

  it('has the offloads that it is told to have', () => {
    waitingWorker();
    worker.run(workerSettings([], { devices: { sockets: [], interfaceName: 'teredo', offload: false } }));
    expect(worker.openedWith).toEqual([{ offload: false }]);
  });

  it('gives the engine randomness that is not the same twice', () => {
    const { engine } = waitingWorker();
    worker.run(workerSettings(service));
    const [first, second] = [new Uint8Array(16), new Uint8Array(16)];
    engine().context.random.fill(first);
    engine().context.random.fill(second);
    expect(first).not.toEqual(new Uint8Array(16));
    expect(second).not.toEqual(first);
  });

  it('says why it cannot start, and leaves nothing open', () => {
    const { engines } = waitingWorker();
    worker.run(workerSettings([...service, socket(parseIpv4('192.168.9.9')!)]));
    expect(worker.posted).toMatchObject([{ kind: 'failed', code: 'address-not-available' }]);
    expect((worker.posted[0] as { sentence: string }).sentence).toContain('192.168.9.9');
    expect(engines).toEqual([]);
    expect(worker.netio.sockets.map(({ closed }) => closed)).toEqual([true]);
    // An interface that others see does not flash up for it.
    expect(worker.netio.tunnels).toEqual([]);
  });

  it('says why its engine could not be made or go on', () => {
    runDataPlane({
      createEngine: () => {
        throw new NavalisError('configuration', 'No such engine.');
      },
    });
    worker.run(workerSettings(service));
    expect(worker.posted).toMatchObject([{ kind: 'failed', code: 'configuration', sentence: 'No such engine.' }]);
    expect(worker.netio.isClosed).toBe(true);
  });

  it('dies of a defect, with its devices closed', () => {
    waitingWorker();
    worker.steps = [
      () => {
        throw new TypeError('A defect.');
      },
    ];
    expect(() => worker.run(workerSettings(service))).toThrow('A defect.');
    expect(worker.posted.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(worker.netio.isClosed).toBe(true);
  });
});

describe('the address policy of a worker', () => {
  const documentation = parseIpv4('198.51.100.7')!;

  it('[AD-12] is the strict one', () => {
    const { engine } = waitingWorker();
    worker.run(workerSettings(service));
    const { policy } = engine().context;
    expect(policy.isGlobalUnicast(peer)).toBe(true);
    for (const reserved of ['198.51.100.7', '100.64.0.1', '240.0.0.1', '10.0.0.1', '224.0.0.1']) {
      expect([reserved, policy.isGlobalUnicast(parseIpv4(reserved)!)]).toEqual([reserved, false]);
    }
  });

  it('takes the ranges that are configured for global, and no others', () => {
    const { engine } = waitingWorker();
    const range = { address: parseIpv4('198.51.100.0')!, length: 24 };
    worker.run(workerSettings(service, { extraGlobalIpv4: [range] }));
    const { policy } = engine().context;
    expect(policy.isGlobalUnicast(documentation)).toBe(true);
    expect(policy.isGlobalUnicast(parseIpv4('203.0.113.7')!)).toBe(false);
  });

  it('[AD-11] refuses the directed broadcast addresses of the host, as they are when it starts and as they become', () => {
    const { engine } = waitingWorker();
    const [before, after] = [parseIpv4('8.8.8.255')!, parseIpv4('9.9.9.255')!];
    const seen: boolean[][] = [];
    const look = () => seen.push([before, after].map((address) => engine().context.policy.isGlobalUnicast(address)));
    worker.steps = [
      look,
      () => worker.tell({ kind: 'directed-broadcasts', addresses: [after] }),
      look,
      () => worker.tell({ kind: 'directed-broadcasts', addresses: [] }),
      look,
    ];
    worker.run(workerSettings(service, { directedBroadcasts: [before] }));
    expect(seen).toEqual([
      [false, true],
      [true, false],
      [true, true],
    ]);
  });
});

describe('messages to a worker', () => {
  it('reach the engine as updates, in their order, with the time of the turn', () => {
    const { engine, updates } = waitingWorker();
    const startedAt = performance.now();
    worker.steps = [
      () => {
        worker.tell({ kind: 'update', update: 'one' });
        worker.tell({ kind: 'update', update: 'two' });
      },
      () => worker.tell({ kind: 'update', update: 'three' }),
    ];
    worker.run(workerSettings(service));
    expect(updates.map(({ update }) => update)).toEqual(['one', 'two', 'three']);
    for (const { engine: updated, now } of updates) {
      expect(updated).toBe(engine());
      expect(now).toBeGreaterThanOrEqual(startedAt);
      expect(now).toBeLessThanOrEqual(performance.now());
    }
    expect(updates[0]!.now).toBe(updates[1]!.now);
  });

  it('do no harm to an engine that takes no updates', () => {
    const engines: RecordingEngine[] = [];
    runDataPlane({
      createEngine(settings, context) {
        engines.push(new RecordingEngine(settings, context));
        return engines[0]!;
      },
    });
    worker.steps = [() => worker.tell({ kind: 'update', update: 'one' })];
    worker.run(workerSettings(service));
    expect(engines[0]!.trace).toEqual(['start', 'stop']);
  });

  it('end it where they say so: what comes after is not done', () => {
    const { updates } = waitingWorker();
    worker.steps = [
      () => {
        worker.tell({ kind: 'update', update: 'before' });
        worker.tell({ kind: 'stop' });
        worker.tell({ kind: 'update', update: 'after' });
      },
    ];
    worker.run(workerSettings(service));
    expect(updates.map(({ update }) => update)).toEqual(['before']);
  });

  it('are answered with the status of engine and devices, under the number of the question', () => {
    const { engine } = waitingWorker();
    worker.steps = [
      () => {
        engine().counters.drop('rule-7', 2);
        // A socket whose buffer is full drops what is sent.
        worker.netio.sockets[0]!.sendBufferFull = true;
        engine().context.outputs.sendDatagrams(packetOf(1), peer, 9);
      },
      () => {
        worker.tell({ kind: 'status', id: 7 });
        worker.tell({ kind: 'status', id: 8 });
      },
    ];
    worker.run(workerSettings(service));
    const answers = worker.posted.flatMap((message) => (message.kind === 'status' ? [message] : []));
    expect(answers.map(({ id }) => id)).toEqual([7, 8]);
    const { status } = answers[0]!;
    expect(status).toMatchObject({ state: 'running', peers: 3, offloads: [] });
    expect(status.since).toBe(new Date(performance.timeOrigin).toISOString());
    expect(status.counters.drops).toEqual({ 'rule-7': 2, 'send-buffer-full': 1 });
  });

  it('are answered with times by the present wall clock, also after it was set', () => {
    waitingWorker();
    const hour = 3_600_000;
    const real = Date.now;
    onTestFinished(() => void vi.restoreAllMocks());
    worker.steps = [
      () => {
        vi.spyOn(Date, 'now').mockImplementation(() => real() + hour);
        worker.tell({ kind: 'status', id: 1 });
      },
    ];
    worker.run(workerSettings(service));
    const [status] = worker.posted.flatMap((message) => (message.kind === 'status' ? [message.status] : []));
    const since = Date.parse(status!.since);
    expect(Math.abs(since - performance.timeOrigin - hour)).toBeLessThan(1_000);
  });

  it('are answered with the events of a peer, at the time of the wall clock', () => {
    waitingWorker();
    const atMs = Date.parse('2030-01-01T00:00:00Z');
    vi.spyOn(Date, 'now').mockReturnValue(atMs);
    onTestFinished(() => void vi.restoreAllMocks());
    const request = { peer: { word0: 0x20010000, word1: 0, word2: 0, word3: 1 } };
    worker.steps = [() => worker.tell({ kind: 'watch', id: 5, request })];
    worker.run(workerSettings(service));
    const event = { kind: 'state', state: 'unknown' };
    expect(worker.posted.filter(({ kind }) => kind === 'watched')).toEqual([{ kind: 'watched', id: 5, event, atMs }]);
  });

  it('is a sign of life for each beat that is asked for', () => {
    waitingWorker();
    worker.steps = [() => worker.tell({ kind: 'beat' }), () => worker.tell({ kind: 'beat' })];
    worker.run(workerSettings(service));
    expect(worker.posted.filter(({ kind }) => kind === 'beat')).toHaveLength(2);
  });
});

describe('what the engine puts out', () => {
  it('leaves from the port it names, and what is for the host goes into the tunnel', () => {
    const { engine } = waitingWorker();
    const sockets = [socket(), socket(other), socket(home, 4001)];
    worker.steps = [
      () => {
        const { outputs } = engine().context;
        outputs.sendDatagrams(packetOf(1), peer, 11);
        outputs.sendDatagrams(packetOf(2), peer, 12, 0);
        outputs.sendDatagrams(packetOf(3), peer, 13, 1);
        outputs.sendDatagrams(packetOf(4), peer, 14, 2);
        outputs.deliverPackets(packetOf(0x60, 5));
      },
      () => undefined,
    ];
    worker.run(workerSettings(sockets));
    const sent = worker.netio.sockets.map((each) =>
      each.takeSent().map(({ payload, endpoint }) => [payload[0], endpoint.address, endpoint.port]),
    );
    expect(sent).toEqual([
      [
        [1, peer, 11],
        [2, peer, 12],
      ],
      [[3, peer, 13]],
      [[4, peer, 14]],
    ]);
    expect(worker.netio.tunnels[0]!.takeToHost()).toEqual([Uint8Array.of(0x60, 5)]);
  });

  it('leaves from no port that is not open', () => {
    const { engine } = waitingWorker();
    worker.steps = [() => engine().context.outputs.sendDatagrams(packetOf(1), peer, 11, 1), () => undefined];
    worker.run(ofServer);
    expect(worker.netio.sockets[0]!.takeSent()).toEqual([]);
    expect(worker.netio.tunnels).toEqual([]);
    expect(worker.netio.senders).toHaveLength(1);
  });

  it('of a server leaves for IPv6 routing', () => {
    const { engine } = waitingWorker();
    const packet = [0x60, ...Array.from({ length: 39 }, (_, index) => index)];
    worker.steps = [() => engine().context.outputs.deliverPackets(packetOf(...packet)), () => undefined];
    worker.run(ofServer);
    expect(worker.netio.senders[0]!.takeSent()).toEqual([Uint8Array.from(packet)]);
  });

  it('is sent at once when a datagram caused it', () => {
    const { engine } = waitingWorker();
    const sockets = [socket(), socket(other)];
    worker.steps = [
      () => {
        engine().received = (run) => engine().context.outputs.sendDatagrams(packetOf(9), run.sourceAddress, 11);
        for (const each of worker.netio.sockets) each.arrive(Uint8Array.of(1), { address: peer, port: 5 });
      },
      () => expect(worker.netio.sockets[0]!.takeSent()).toHaveLength(2),
    ];
    worker.run(workerSettings(sockets));
    expect(engine().trace).toEqual(['start', 'datagrams 0', 'datagrams 1', 'stop']);
    expect(worker.steps).toEqual([]);
  });
});

describe('a port that the engine closes', () => {
  const sockets = [socket(), socket(home, 4001)];

  it('[CL-D-12] is not listened to any more, and what was sent before leaves', () => {
    const { engine } = waitingWorker();
    const seen: boolean[][] = [];
    const arrive = () => {
      for (const each of worker.netio.sockets) each.arrive(Uint8Array.of(1), { address: peer, port: 5 });
    };
    const look = () => seen.push(worker.netio.sockets.map(({ closed }) => closed));
    worker.steps = [
      arrive,
      () => {
        look();
        engine().context.outputs.sendDatagrams(packetOf(7), peer, 11, 1);
        engine().context.outputs.closePort(1);
        look();
        arrive();
      },
      // Twice does no harm.
      () => engine().context.outputs.closePort(1),
    ];
    worker.run(workerSettings(sockets));
    expect(seen).toEqual([
      [false, false],
      [false, true],
    ]);
    expect(worker.poller.unwatched[0]).toBe(worker.netio.sockets[1]);
    expect(engine().trace).toEqual(['start', 'datagrams 0', 'datagrams 1', 'datagrams 0', 'stop']);
    expect(worker.netio.sockets[1]!.takeSent()).toHaveLength(1);
  });

  it('stays open whatever the engine reports', () => {
    const { engine } = waitingWorker();
    const seen: boolean[] = [];
    worker.steps = [
      () => {
        const { outputs } = engine().context;
        outputs.report({ kind: 'resumed', sleptMs: 60_000 });
        const kept = { refreshIntervalMs: 45_000, keptMs: 45_000, forgottenMs: undefined };
        outputs.report({ kind: 'refresh-interval-determined', ...kept });
        outputs.report({ kind: 'qualification-started', server: peer });
      },
      () => seen.push(worker.netio.sockets[1]!.closed),
    ];
    worker.run(workerSettings(sockets));
    expect(seen).toEqual([false]);
    expect(worker.poller.unwatched).toEqual([]);
  });

  it('need not be there', () => {
    const { engine } = waitingWorker();
    worker.steps = [
      () => engine().context.outputs.closePort(1),
      () => expect(worker.netio.sockets[0]!.closed).toBe(false),
    ];
    worker.run(workerSettings(service));
  });
});

describe('a port that the engine opens', () => {
  const request = { like: 0, carriesData: true };
  const arriveAt = (...places: number[]) => {
    for (const place of places) worker.netio.sockets[place]!.arrive(Uint8Array.of(1), { address: peer, port: 5 });
  };

  it('[CL-Q-31] takes the place of the service port while a run of that is handled: the rest of its batch is gone', () => {
    const { engine } = waitingWorker();
    worker.steps = [
      () => {
        engine().received = () => {
          const { outputs } = engine().context;
          outputs.sendDatagrams(packetOf(1), peer, 11);
          expect(outputs.openPort(request)).toEqual({ id: 1, address: home, port: 49_152 });
          outputs.closePort(0);
          outputs.sendDatagrams(packetOf(2), peer, 12, 1);
          engine().received = () => undefined;
        };
        arriveAt(0, 0, 0);
      },
      () => arriveAt(1),
      () => undefined,
    ];
    worker.run(workerSettings(service));
    expect(engine().trace).toEqual(['start', 'datagrams 0', 'datagrams 1', 'stop']);
    expect(worker.netio.sockets.map((each) => each.takeSent().map(({ payload }) => payload[0]))).toEqual([[1], [2]]);
    expect(worker.netio.sockets.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('may be opened by a deadline, and others closed that have something waiting in the same turn', () => {
    const { engine } = waitingWorker();
    const outputs: EngineOutputs = {
      ...({} as EngineOutputs),
      openPort: (wanted) => engine().context.outputs.openPort(wanted),
      closePort: (id) => engine().context.outputs.closePort(id),
    };
    worker.steps = [
      () => {
        for (let id = 1; id <= 3; id++) expect(outputs.openPort(request)).toMatchObject({ id });
        engine().received = (run) => {
          // Those behind it in this turn are gone; one takes the place of one that was ready.
          if (run.portId !== 1) return;
          outputs.closePort(2);
          outputs.closePort(3);
          expect(outputs.openPort(request)).toMatchObject({ id: 2 });
        };
        arriveAt(0, 1, 2, 3);
        engine().deadline = 0;
        engine().due = () => void outputs.closePort(1);
      },
      () => arriveAt(0, 1, 4),
      () => undefined,
    ];
    worker.run(workerSettings(service));
    expect(engine().trace).toEqual([
      'start',
      'datagrams 0',
      'datagrams 1',
      'deadline',
      'datagrams 0',
      'datagrams 2',
      'stop',
    ]);
  });

  it('is refused, and never an exception, when no descriptor is left', () => {
    const { engine } = waitingWorker();
    const answers: unknown[] = [];
    worker.steps = [
      () => {
        worker.netio.descriptorLimit = worker.netio.openDescriptors;
        answers.push(engine().context.outputs.openPort(request));
        worker.netio.descriptorLimit++;
        answers.push(engine().context.outputs.openPort(request));
      },
    ];
    worker.run(workerSettings(service));
    expect(answers).toEqual(['descriptor-limit', { id: 1, address: home, port: 49_152 }]);
  });
});
