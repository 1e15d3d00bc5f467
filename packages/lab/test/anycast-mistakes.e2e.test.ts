import { afterAll, describe, expect, it } from 'vitest';
import { AnycastScene } from '../src/anycast/anycast-scene.ts';
import { Laboratory } from '../src/laboratory.ts';
import { Internet } from '../src/network/internet.ts';

const patienceMs = 30_000;

describe('a relay whose announcement does not reach the router', () => {
  const laboratory = new Laboratory();
  afterAll(() => laboratory.close());

  it('[RL-A-15] says that its table has the route, and BIRD shows the reason', async () => {
    const scene = await AnycastScene.start(laboratory, new Internet(laboratory), { hasBirds: false });
    const [one, other] = scene.relays as [(typeof scene.relays)[0], (typeof scene.relays)[0]];
    const stateOf = async (name: string) => {
      const line = (await scene.router.ask('show', 'protocols', name))
        .split('\n')
        .find((each) => each.startsWith(name));
      return line?.includes('Established') === true;
    };
    const inTable = { isAnnounced: true, table: 2001 };

    // BIRD is absent from one host.
    const bird = await other.startBird();
    await scene.routed([other], patienceMs);
    await one.relay.program.until(
      'its route in the table',
      async () => (await one.relay.status()).announcement?.isAnnounced || undefined,
      patienceMs,
      500,
    );
    expect(scene.nextHops()).toEqual([other]);
    expect(await stateOf('relay_1')).toBe(false);

    // A filter rejects the route there.
    const filtered = await one.startBird({ texts: { 'export where net = 2001::/32;': 'export none;' } });
    await filtered.program.until('a session', async () => (await stateOf('relay_1')) || undefined, patienceMs, 200);
    expect(await filtered.ask('show', 'route', 'table', 'teredo')).toContain('2001::/32');
    expect(await filtered.ask('show', 'protocols', 'all', 'to_router')).toContain('0 exported');
    expect(scene.nextHops()).toEqual([other]);
    expect(await one.relay.status()).toMatchObject({ announcement: inTable });

    // BIRD is restarted, with the filter of the guide; then the other one, which takes its route along.
    await filtered.program.kill();
    await one.startBird();
    await scene.routed(scene.relays, patienceMs);
    await bird.program.kill();
    await scene.routed([one], patienceMs);
    expect(await other.relay.status()).toMatchObject({ announcement: inTable });
    await other.startBird();
    await scene.routed(scene.relays, patienceMs);

    // The other one takes the address of the first.
    await other.bird!.program.kill();
    other.host.ip(`addr add ${one.ipv6}/64 dev eth0`);
    const double = await other.startBird({ address: one.ipv6 });
    const giveUpAt = performance.now() + 5_000;
    await double.program.until(
      'the end of the watch',
      () => {
        expect(scene.nextHops().length).toBeLessThanOrEqual(1);
        return performance.now() > giveUpAt || undefined;
      },
      patienceMs,
      100,
    );
    expect(await stateOf('relay_2')).toBe(false);
    expect(await other.relay.status()).toMatchObject({ announcement: inTable });
  }, 120_000);
});
