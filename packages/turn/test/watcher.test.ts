import type { DatagramRun, Milliseconds, PacketRun } from '@navalis/engine';
import { RecordingOutputs } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import type { RelayOutputs, RelayWatcher } from '../src/index.ts';
import { ipv4, peer, World } from './world.ts';

type Seen = readonly [way: 'sent' | 'received', port: number, octets: number];

/** Outputs whose watcher records endpoints and lengths. */
class WatchedOutputs extends RecordingOutputs implements RelayOutputs {
  readonly seen: Seen[] = [];
  watcher: RelayWatcher | undefined = {
    sent: ({ packetLength }: PacketRun, _address: number, port: number) =>
      void this.seen.push(['sent', port, packetLength]),
    receives: (run: DatagramRun, now: Milliseconds, role: Parameters<RelayWatcher['receives']>[2]) => {
      this.seen.push(['received', run.sourcePort, run.packetLength]);
      role.receive(run, now);
    },
  };
}

describe('a watcher of a relayed port', () => {
  it('sees datagrams without framing and with the endpoint of the peer, in indications and in channels', () => {
    const outputs = new WatchedOutputs();
    const world = World.ready({ outputs });
    // Indications bring the channel; the first one waits for its permission.
    for (let count = 0; count < 5; count++) {
      world.send(peer, 60);
      world.peerSends(peer, new Uint8Array(44));
    }
    const both: readonly Seen[] = [
      ['sent', 40_000, 60],
      ['received', 40_000, 44],
    ];
    expect(outputs.seen).toEqual(new Array(5).fill(both).flat());
    expect(world.port.client.channels.bound).toBe(1);
    expect(world.received).toHaveLength(5);
    expect(world.relayed).toHaveLength(5);
  });

  it('sees nothing that is refused, that is for this link, or that it no longer watches', () => {
    const outputs = new WatchedOutputs();
    const world = World.ready({ outputs });
    world.peerSends(peer);
    world.send({ address: ipv4('192.168.0.7'), port: 3544 });
    outputs.watcher = undefined;
    world.send(peer);
    world.peerSends(peer);
    expect(outputs.seen).toEqual([]);
    expect(world.received).toHaveLength(1);
  });
});
