import { describe, expect, it } from 'vitest';
import { otherServer, server, World } from './world.ts';

const silent = (): undefined => undefined;

describe('[RT-04] a client without a route to its server', () => {
  it('says so at once, and sends nothing', () => {
    const world = new World({ unreachable: [server.primary] }).start();
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'no-route' });
    world.pass(300_000);
    expect(world.solicitations).toEqual([]);
    expect(new Set(world.eventKinds())).toEqual(new Set(['off-line']));
  });

  it('begins at once when there is one', () => {
    const world = new World({ unreachable: [server.primary] }).start();
    world.pass(300_000);
    world.qualification.unreachable = [];
    world.qualification.networkChanged(world.now);
    world.settle();
    world.pass(0);
    expect(world.kind).toBe('qualified');
  });

  it('takes the next server that it has a route to, and the first one when there is a route again', () => {
    const world = new World({ servers: [server, otherServer], unreachable: [server.primary] }).start();
    world.pass(0);
    expect(world.qualification.assignment?.server).toBe(otherServer);
    expect(world.solicitations.map(({ address }) => address)).not.toContain(server.primary);
    world.qualification.unreachable = [];
    world.qualification.networkChanged(world.now);
    world.pass(700_000);
    expect(world.qualification.assignment?.server).toBe(server);
  });

  it('does not blame a server for it that it had an address from', () => {
    const world = new World().start();
    expect(world.kind).toBe('qualified');
    world.mappingTowards = silent;
    world.qualification.unreachable = [server.primary];
    world.qualification.networkChanged(world.now);
    world.pass(60_000);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'no-route' });
    const reasons = world.outputs.events.flatMap((event) => (event.kind === 'off-line' ? [event.reason] : []));
    expect(new Set(reasons)).toEqual(new Set(['no-route']));
    expect(world.eventKinds()).not.toContain('new-port-wanted');
  });

  it('says which of the two it is, the server or the route, whenever that changes', () => {
    const world = new World();
    world.mappingTowards = silent;
    world.start();
    world.pass(60_000);
    expect(world.qualification.state).not.toMatchObject({ reason: 'no-route' });
    world.qualification.unreachable = [server.primary];
    world.qualification.networkChanged(world.now);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'no-route' });
    world.qualification.unreachable = [];
    world.qualification.networkChanged(world.now);
    world.settle();
    world.pass(12_000);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'server-silent' });
  });

  it('does not blame the second address for a route that goes during the procedure', () => {
    const world = new World();
    world.mappingTowards = (address) => (address === server.primary ? { address: 0xc0000201, port: 4096 } : undefined);
    world.start();
    expect(world.kind).toBe('soliciting-secondary');
    world.qualification.unreachable = [server.primary];
    world.pass(12_000);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'no-route' });
  });
});
