import { Ipv4Policy, Ipv6Policy, parseIpv6Prefix } from '@navalis/address';
import { RecordingOutputs, takePacket } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createStandbyEngine } from '../src/index.ts';
import { dataPacket, ipv6 } from './packets.ts';
import { native, peer } from './world.ts';

const policy = new Ipv4Policy({ strictness: 'rfc4380' });
const own = ipv6('2001:0:cb00:7178:0:efff:3fff:fdfe');

function standby() {
  const outputs = new RecordingOutputs();
  const engine = createStandbyEngine(outputs, new Ipv6Policy({ ipv4: policy }));
  engine.start(0);
  return { engine, outputs };
}

describe('a client on standby', () => {
  it.each([
    ['native', native],
    ['Teredo', peer.address],
  ])('[CL-U-10] is wanted, once, when the host sends to a %s address, and sends nothing itself', (_, destination) => {
    const { engine, outputs } = standby();
    expect(engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    for (let time = 0; time < 3; time++) takePacket(engine, dataPacket(own, destination), time);
    expect(outputs.events).toEqual([{ kind: 'wanted' }]);
    expect(outputs.takeDatagrams()).toEqual([]);
    expect(outputs.takePackets()).toEqual([]);
    expect(engine.status()).toMatchObject({ state: 'initial', peers: 0, counters: { packetsTaken: 3 } });
  });

  it("[CL-U-10] is wanted for a laboratory's ranges, when told", () => {
    const outputs = new RecordingOutputs();
    const extraGlobal = [parseIpv6Prefix('fd00::/8')!];
    const engine = createStandbyEngine(outputs, new Ipv6Policy({ ipv4: policy, extraGlobal }));
    engine.start(0);
    takePacket(engine, dataPacket(own, ipv6('fd00::1')), 0);
    expect(outputs.events).toEqual([{ kind: 'wanted' }]);
  });

  it('[CL-T-21] does not count packets that the kernel sends on every link', () => {
    const { engine } = standby();
    takePacket(engine, dataPacket(ipv6('fe80::1'), ipv6('ff02::16')), 0);
    expect(engine.status().counters).toMatchObject({ packetsTaken: 0, drops: {} });
  });

  it.each(['ff02::16', 'ff02::fb', 'fe80::1', '::1', 'fd00::1'])(
    '[CL-U-10] is not by what goes to %s',
    (destination) => {
      const { engine, outputs } = standby();
      takePacket(engine, dataPacket(own, ipv6(destination)), 0);
      expect(outputs.events).toEqual([]);
    },
  );

  it('tells since when it has its state', () => {
    const engine = createStandbyEngine(new RecordingOutputs(), new Ipv6Policy({ ipv4: policy }));
    expect(engine.status()).toMatchObject({ role: 'standby', state: 'initial', since: 0 });
    engine.start(5_000);
    expect(engine.status()).toMatchObject({ state: 'initial', since: 5_000 });
    engine.stop(6_000);
    expect(engine.status()).toMatchObject({ state: 'stopped', since: 6_000 });
  });

  it('is not woken by malformed packets, nor after it has stopped', () => {
    const { engine, outputs } = standby();
    takePacket(engine, new Uint8Array(39), 0);
    // Shorter than its header says.
    takePacket(engine, dataPacket(own, native).subarray(0, 50), 0);
    takePacket(engine, new Uint8Array(60), 0);
    engine.stop(1);
    takePacket(engine, dataPacket(own, native), 2);
    expect(outputs.events).toEqual([]);
    expect(engine.status().state).toBe('stopped');
  });
});
