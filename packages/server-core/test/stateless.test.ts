import { RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createServerEngine } from '../src/index.ts';
import { alice, aliceEndpoint, bob, bobEndpoint, bubble, policy, primary, secondary, solicitation } from './packets.ts';

/** Returns the datagrams that a server sends for each datagram, if it restarts before the given ones. */
function answers(restartBefore: readonly number[]) {
  const outputs = new RecordingOutputs();
  const start = (now: number) => {
    const engine = createServerEngine({ primary, secondary, policy, rateLimit: true }, outputs, seededRandom(1));
    engine.start(now);
    return engine;
  };
  let engine = start(0);
  const datagrams = [
    [solicitation, aliceEndpoint],
    [bubble(alice, bob), aliceEndpoint],
    [bubble(bob, alice), bobEndpoint],
    [solicitation, aliceEndpoint],
  ] as const;
  return datagrams.map(([payload, from], index) => {
    if (restartBefore.includes(index)) engine = start(index * 1000);
    receiveDatagram(engine, payload, from, index * 1000);
    return outputs.takeDatagrams();
  });
}

describe('a server', () => {
  it('[SV-C-01] that restarts between any two datagrams of its clients serves them as before', () => {
    const undisturbed = answers([]);
    expect(undisturbed.map((sent) => sent.length)).toEqual([1, 1, 1, 1]);
    for (const restarts of [[1], [2], [3], [1, 2, 3]]) expect(answers(restarts)).toEqual(undisturbed);
  });

  it('[SV-C-01] forwards for clients that it never heard before', () => {
    const outputs = new RecordingOutputs();
    const engine = createServerEngine({ primary, secondary, policy, rateLimit: true }, outputs, seededRandom(1));
    engine.start(0);
    receiveDatagram(engine, bubble(alice, bob), aliceEndpoint, 0);
    expect(outputs.takeDatagrams().map(({ address, port }) => ({ address, port }))).toEqual([bobEndpoint]);
  });
});
