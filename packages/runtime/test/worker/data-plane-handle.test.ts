import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent, NavalisError } from '@navalis/engine';
import { describe, expect, it, vi } from 'vitest';
import { hostTime } from '../../src/scheduling/time.ts';
import { LiveDataPlanes } from '../../src/systemd/live-data-planes.ts';
import { dataPlaneStarter } from '../../src/worker/data-plane-handle.ts';

const settings = {
  devices: { sockets: [], interfaceName: undefined, offload: false },
  extraGlobalIpv4: [],
  extraGlobalIpv6: [],
  directedBroadcasts: [],
  engine: {},
};
const ready = "port.postMessage({ kind: 'ready', wakeDescriptor: -1, bound: [{ address: 1, port: 2 }] });";

/** A worker that answers its first message, the settings, with `first`, and later ones with `later`. */
function worker(first: string, later = ''): URL {
  const code = `
    import { parentPort as port } from 'node:worker_threads';
    port.once('message', () => {
      ${first}
      port.on('message', (message) => { ${later} });
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

function observed() {
  const events: EngineEvent[] = [];
  let fail: (error: NavalisError) => void = () => undefined;
  const failure = new Promise<NavalisError>((resolve) => {
    fail = resolve;
  });
  const observer = {
    event: (event: EngineEvent) => void events.push(event),
    failed: (error: NavalisError) => fail(error),
  };
  return { events, failure, observer };
}

describe('the handle of a data plane', () => {
  it('starts, is asked and ends', async () => {
    const answer =
      "message.kind === 'stop' ? port.close() : port.postMessage({ ...message, status: { state: 'running' } });";
    const event = "port.postMessage({ kind: 'event', event: { kind: 'started' } });";
    const { events, observer } = observed();
    const { handle, bound } = await dataPlaneStarter(worker(ready + event, answer), hostTime)(settings, observer);
    expect(bound).toEqual([{ address: 1, port: 2 }]);
    expect(await Promise.all([handle.status(), handle.status()])).toEqual([{ state: 'running' }, { state: 'running' }]);
    expect(events).toEqual([{ kind: 'started' }]);
    await handle.stop();
    expect(await handle.status()).toBeUndefined();
    expect(await handle.peers({ sort: 'heard', limit: 1, after: undefined })).toBeUndefined();
  });

  it('is asked for pages of peers, which arrive with the numbers of their requests', async () => {
    const answer = "port.postMessage({ kind: 'peers', id: message.id, page: message.query.limit });";
    const { handle } = await dataPlaneStarter(worker(ready, answer), hostTime)(settings, observed().observer);
    const ask = (limit: number) => handle.peers({ sort: 'heard', limit, after: undefined });
    expect(await Promise.all([ask(1), ask(2)])).toEqual([1, 2]);
    await handle.stop();
  });

  it('answers a beat while its loop turns, and at its end', async () => {
    const lively = "if (message.kind === 'beat') port.postMessage({ kind: 'beat' }); else port.close();";
    const first = new LiveDataPlanes(dataPlaneStarter(worker(ready, lively), hostTime));
    const { handle } = await first.start(settings, observed().observer);
    await Promise.all([first.beat(), first.beat()]);
    await handle.stop();
    await first.beat();

    const stuck = "if (message.kind === 'stop') port.close();";
    const second = new LiveDataPlanes(dataPlaneStarter(worker(ready, stuck), hostTime));
    const { handle: other } = await second.start(settings, observed().observer);
    let isAlive = false;
    const beat = second.beat().then(() => {
      isAlive = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAlive).toBe(false);
    await other.stop();
    await beat;
  });

  it('says why it cannot start', async () => {
    const failed = "port.postMessage({ kind: 'failed', code: 'address-in-use', sentence: 'Taken.' }); port.close();";
    const start = dataPlaneStarter(worker(failed), hostTime)(settings, observed().observer);
    await expect(start).rejects.toMatchObject({ code: 'address-in-use', message: 'Taken.' });
  });

  it('reports a crash, also one that happened before any call', async () => {
    const { failure, observer } = observed();
    await dataPlaneStarter(worker(ready, "throw new Error('a defect');"), hostTime)(settings, observer).then(
      ({ handle }) => handle.update({}),
    );
    expect(await failure).toMatchObject({ code: 'internal', message: 'The data plane crashed: a defect' });

    const start = dataPlaneStarter(new URL("data:text/javascript,throw new Error('no code')"), hostTime);
    await expect(start(settings, observed().observer)).rejects.toThrow('The data plane crashed: no code');
  });

  it('reports an unrequested end, and answers all waiting callers', async () => {
    const { failure, observer } = observed();
    const { handle } = await dataPlaneStarter(worker(ready, 'process.exit();'), hostTime)(settings, observer);
    expect(await handle.status()).toBeUndefined();
    expect((await failure).message).toBe('The data plane ended unexpectedly.');
  });

  it('wakes the worker for each message, by the descriptor that the worker named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'navalis-handle-'));
    const path = join(folder, 'wakes');
    const open = openSync(path, 'w');
    const named = `port.postMessage({ kind: 'ready', wakeDescriptor: ${open}, bound: [] });`;
    const answer = "if (message.kind === 'stop') port.close();";
    const { handle } = await dataPlaneStarter(worker(named, answer), hostTime)(settings, observed().observer);
    const wakes = () => readFileSync(path).length / 8;
    expect(wakes()).toBe(0);
    handle.update({});
    expect(wakes()).toBe(1);
    handle.replaceDirectedBroadcasts([]);
    void handle.status();
    expect(wakes()).toBe(3);
    await handle.stop();
    // An eventfd adds this number to its counter.
    expect([...readFileSync(path).subarray(24)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    closeSync(open);
    rmSync(folder, { recursive: true });
  });

  it('passes messages on as they are', async () => {
    const echo = "message.kind === 'stop' ? port.close() : port.postMessage({ kind: 'event', event: message });";
    const { events, observer } = observed();
    const { handle } = await dataPlaneStarter(worker(ready, echo), hostTime)(settings, observer);
    handle.update({ local: 1 });
    handle.replaceDirectedBroadcasts([5, 6]);
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events).toEqual([
      { kind: 'update', update: { local: 1 } },
      { kind: 'directed-broadcasts', addresses: [5, 6] },
    ]);
    await handle.stop();
  });
});
