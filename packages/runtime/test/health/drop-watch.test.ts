import { Counters, type DropReason } from '@navalis/engine';
import { DeviceDropCounts } from '@navalis/netio';
import { createLogger } from '@navalis/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Degradations } from '../../src/health/degradations.ts';
import { DropWatch } from '../../src/health/drop-watch.ts';
import { hostTime } from '../../src/scheduling/time.ts';
import { deafObserver } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The counts of an engine, and of its devices. */
class ProgramCounts extends Counters {
  readonly devices = new DeviceDropCounts();
}

async function watched(periodMs?: number) {
  const log: string[] = [];
  const destination = { write: (text: string) => void log.push((JSON.parse(text) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'debug', format: 'json', destination });
  const degradations = new Degradations(logger, hostTime, deafObserver);
  const state = { counters: new ProgramCounts() as ProgramCounts | undefined, streamDrops: 0 };
  const watch = new DropWatch(
    {
      role: 'relay',
      logger,
      degradations,
      time: hostTime,
      counters: async () => {
        const counts = state.counters?.snapshot();
        const drops = { ...state.counters?.devices.snapshot(), 'turn-stream-full': state.streamDrops };
        return counts && { ...counts, drops: { ...counts.drops, ...drops } };
      },
    },
    periodMs,
  );
  /** Lets so many seconds pass; `each` happens in each of them. */
  const pass = async (seconds: number, each: (counters: ProgramCounts) => void = () => undefined) => {
    for (let second = 0; second < seconds; second++) {
      if (state.counters !== undefined) each(state.counters);
      await vi.advanceTimersByTimeAsync(1_000);
    }
  };
  await pass(5);
  return { log, degradations, watch, state, pass };
}

const receiveAndDrop = (reason: DropReason) => (counters: Counters) => {
  counters.datagramsReceived += 2;
  counters.drop(reason, 2);
};

describe('[SEC-42] the watch over drops', () => {
  it('warns once when all datagrams of 10 s are dropped for one reason, with the cure', async () => {
    const { log, pass } = await watched();
    await pass(8, receiveAndDrop('authentication-failed'));
    expect(log).toEqual([]);
    await pass(5, receiveAndDrop('authentication-failed'));
    expect(log).toEqual([
      'All datagrams from the network were dropped for 10 s and more (authentication-failed, 18 so far). The client identifier is unknown, or the secret differs. Compare client-keys here with the secret of the client, and reload the server with SIGHUP.',
    ]);
    await pass(570, receiveAndDrop('authentication-failed'));
    expect(log).toHaveLength(1);
    await pass(40, receiveAndDrop('authentication-failed'));
    expect(log).toHaveLength(2);
  });

  it('[RL-A-15] sees within 4 s that nothing leaves a relay that routers send packets to, and warns of drops as late', async () => {
    const { log, degradations, pass } = await watched(1_000);
    await pass(8, receiveAndDrop('authentication-failed'));
    expect(log).toEqual([]);
    await pass(4, (counters) => counters.devices.drop('send-failed'));
    expect(degradations.active).toMatchObject([{ reason: 'send-failed' }]);
    await pass(12, receiveAndDrop('authentication-failed'));
    expect(log.at(-1)).toContain('All datagrams from the network were dropped for 10 s and more');
  });

  it('warns of packets of the host as well, and of each reason by itself', async () => {
    const { log, pass } = await watched();
    await pass(15, (counters) => {
      counters.packetsTaken += 1;
      counters.drop('source-not-served');
    });
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('All packets for the tunnel were dropped for 10 s and more (source-not-served');
    await pass(15, receiveAndDrop('rule-7'));
    expect(log).toHaveLength(2);
  });

  it('[TU-21] warns once when the connection to a TURN server takes no more for 10 s, although most datagrams leave', async () => {
    const { log, state, pass } = await watched();
    const overflow = (counters: ProgramCounts) => {
      counters.datagramsSent += 100;
      state.streamDrops += 1;
    };
    await pass(3, overflow);
    await pass(20);
    expect(log).toEqual([]);
    await pass(15, overflow);
    expect(log).toEqual([
      expect.stringMatching(
        /^Some datagrams for the connection to a TURN server were dropped for 10 s and more \(turn-stream-full, \d+ so far\)\. More than 1 MiB waits .* Name the server over UDP first/,
      ),
    ]);
    await pass(500, overflow);
    expect(log).toHaveLength(1);
  });

  it('does not warn while one datagram in a hundred passes, nor of a short burst', async () => {
    const { log, pass } = await watched();
    await pass(60, (counters) => {
      counters.datagramsReceived += 100;
      counters.drop('rule-7', 99);
    });
    expect(log).toEqual([]);
    await pass(4);
    await pass(3, receiveAndDrop('rule-7'));
    await pass(60);
    expect(log).toEqual([]);
  });

  it('starts again with a new data plane, and pauses without one', async () => {
    const { log, state, pass } = await watched();
    await pass(8, receiveAndDrop('rule-7'));
    state.counters = new ProgramCounts();
    await pass(8, receiveAndDrop('rule-7'));
    state.counters = undefined;
    await pass(5);
    state.counters = new ProgramCounts();
    await pass(8, receiveAndDrop('rule-7'));
    expect(log).toEqual([]);
    await pass(8, receiveAndDrop('rule-7'));
    expect(log).toHaveLength(1);
  });

  it('[SEC-43] is degraded while all sends fail', async () => {
    const { log, degradations, pass } = await watched();
    const fail = (counters: ProgramCounts) => {
      counters.devices.drop('send-failed');
    };
    await pass(15, fail);
    expect(degradations.active).toMatchObject([{ reason: 'send-failed', evidence: 'send-failed' }]);
    await pass(600, fail);
    expect(log).toHaveLength(1);
    await pass(5, (counters) => {
      counters.datagramsSent += 1;
    });
    expect(degradations.active).toEqual([]);
    expect(log).toHaveLength(2);
  });

  it('[SEC-43] is degraded too when a role that sends seldom fails each time, not when one of its sends succeeds', async () => {
    const { degradations, pass } = await watched();
    const send = async (isFailing: boolean) => {
      await pass(1, (counters) => {
        if (isFailing) counters.devices.drop('send-failed');
        else counters.datagramsSent += 1;
      });
      await pass(14);
    };
    for (const isFailing of [true, true, false, true, true]) await send(isFailing);
    expect(degradations.active).toEqual([]);
    await send(true);
    expect(degradations.active).toMatchObject([{ reason: 'send-failed', evidence: 'send-failed' }]);
    await send(false);
    expect(degradations.active).toEqual([]);
  });

  it('[SEC-43] forgets failed sends when nothing was sent for a minute, and with its end', async () => {
    const { degradations, watch, pass } = await watched();
    const fail = (counters: ProgramCounts) => {
      counters.devices.drop('send-failed');
    };
    await pass(15, fail);
    await pass(45);
    expect(degradations.active).toHaveLength(1);
    await pass(20);
    expect(degradations.active).toEqual([]);
    await pass(15, fail);
    watch.close();
    expect(degradations.active).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
