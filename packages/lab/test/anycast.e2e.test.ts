import { afterAll, describe, expect, it } from 'vitest';
import { AnycastScene } from '../src/anycast/anycast-scene.ts';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { PingTraffic } from '../src/traffic/ping-traffic.ts';
import { report } from './report.ts';

const patienceMs = 30_000;

describe('two relays that announce the service prefix through BIRD', () => {
  const laboratory = new Laboratory();
  afterAll(() => laboratory.close());

  it('[RL-A-15][RT-08] are used while they work: a drain loses nothing, and packets pass through the other after a kill', async () => {
    const internet = new Internet(laboratory);
    const [web, home] = [internet.webHost(), internet.home().host];
    const [scene] = await Promise.all([
      AnycastScene.start(laboratory, internet, { flags: ['--drain-time', '4'] }),
      startServer(laboratory, internet.serverHost()),
    ]);
    const client = await startClient(laboratory, home);
    await scene.routed(scene.relays, patienceMs);
    await firstPing(home, webIpv6Address, patienceMs);
    const [used, other] = await scene.inUse();
    expect(await used.relay.status()).toMatchObject({ announcement: { isAnnounced: true, table: 2001 } });

    const traffic = new PingTraffic(laboratory, web, client.address, 0.1);
    await traffic.answeredAfter(inSeconds(), patienceMs);
    const drained = inSeconds();
    used.relay.program.signal('SIGTERM');
    const withdrawn = await scene.routed([other], patienceMs);
    // It serves on.
    expect(used.relay.program.ending).toBeUndefined();
    expect(await used.relay.health()).toMatchObject({ status: 503, state: 'draining' });
    expect(await used.relay.program.ended).toEqual({ status: 0, signal: null });
    await traffic.answeredAfter(inSeconds(), patienceMs);
    // Without the drain the client would send to the dead relay for a second.
    expect(traffic.lostSince(drained)).toBeLessThanOrEqual(3);
    report(`drain: withdrawn after ${ms(withdrawn)}, ${traffic.lostSince(drained)} of the echo requests lost`);

    used.start();
    await scene.routed(scene.relays, patienceMs);
    const killed = inSeconds();
    await used.relay.program.kill();
    const gone = await scene.routed([other], patienceMs);
    await traffic.answeredAfter(inSeconds(), patienceMs);
    report(`kill -9: withdrawn after ${ms(gone)}, longest gap ${traffic.longestGap(killed).toFixed(1)} s`);

    other.host.setting('net/ipv6/conf/all/forwarding', '0');
    report(`forwarding off: withdrawn after ${ms(await scene.routed([], patienceMs))}`);
    expect(await other.relay.status()).toMatchObject({ announcement: { isAnnounced: false, reason: 'degraded' } });
  }, 120_000);
});

const inSeconds = () => Date.now() / 1000;
const ms = (time: number) => `${Math.round(time)} ms`;
