import { Ipv4Policy, type Ipv6Policy, parseIpv4, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientSettings, clientBinding } from '../../src/client-data-plane.ts';
import type { EngineContext } from '../../src/worker/run-data-plane.ts';
import type { ClientEngineUpdate } from '../../src/worker/settings.ts';

const made = vi.hoisted(() => ({ client: [] as unknown[][], standby: [] as unknown[][] }));

vi.mock('@navalis/client-core', async (original) => ({
  ...(await original<typeof import('@navalis/client-core')>()),
  createClientEngine: (...args: unknown[]) => ({ kind: 'client', number: made.client.push(args) }),
  createStandbyEngine: (...args: unknown[]) => ({ kind: 'standby', number: made.standby.push(args) }),
}));

const localAddress = parseIpv4('192.168.1.2')!;
const servers = [{ primary: parseIpv4('8.8.8.8')!, secondary: parseIpv4('8.8.8.9')! }];
const link = { subnet: { address: localAddress, length: 24 } };
const extensions = {
  symmetricNatSupport: true,
  portPreserving: false,
  sequentialPorts: false,
  hairpinning: true,
  serverLoadReduction: false,
};
const settings: Extract<ClientSettings, { kind: 'client' }> = {
  kind: 'client',
  servers,
  localAddress,
  unreachable: [],
  refreshIntervalMs: 45_000,
  serverOrder: 'spread',
  probeIntervalMs: 600_000,
  peerCapacity: 99,
  trustsConeBit: true,
  extensions,
  keepsPort: true,
  localLink: link,
  discoveryPortId: undefined,
  turn: undefined,
  secure: undefined,
};

function contextWith(bound: EngineContext['bound']): EngineContext {
  const context = {
    policy: new Ipv4Policy({ strictness: 'strict' }),
    outputs: new RecordingOutputs(),
    random: seededRandom(1),
    bound,
    extraGlobalIpv6: [parseIpv6Prefix('fd00::/8')!],
  };
  return context;
}

type AnyEngine = ReturnType<typeof clientBinding.createEngine>;

const service = { address: 0, port: 40_007 };

beforeEach(() => {
  made.client.length = 0;
  made.standby.length = 0;
});

describe('the engine of a client', () => {
  it('gets its settings, and the port that its socket has got', () => {
    const context = contextWith([service]);
    clientBinding.createEngine(settings, context);
    expect(made.standby).toEqual([]);
    expect(made.client).toHaveLength(1);
    const [options, outputs, random] = made.client[0]!;
    expect(options).toMatchObject({
      servers,
      refreshIntervalMs: 45_000,
      serverOrder: 'spread',
      probeIntervalMs: 600_000,
      peerCapacity: 99,
      trustsConeBit: true,
      extensions,
      keepsPort: true,
      localDiscovery: link,
      local: { address: localAddress, port: 40_007 },
      determinesRefreshInterval: false,
    });
    expect((options as { policy: unknown }).policy).toBe(context.policy);
    expect(options).toMatchObject({ extraGlobalIpv6: context.extraGlobalIpv6 });
    expect(outputs).toBe(context.outputs);
    expect(random).toBe(context.random);
  });

  it('[CL-D-01] gets no interval when that is to be determined', () => {
    const discovery = { address: 1, port: 3544 };
    clientBinding.createEngine(
      { ...settings, refreshIntervalMs: undefined, discoveryPortId: 1 },
      contextWith([service, discovery]),
    );
    const [options] = made.client[0]!;
    expect(options).toMatchObject({
      local: { address: localAddress, port: 40_007 },
      discoveryPortId: 1,
      determinesRefreshInterval: true,
    });
    expect(options).not.toHaveProperty('refreshIntervalMs');
  });

  it('[CL-U-10] of one on standby needs nothing but its outputs, and what counts as global', () => {
    const context = contextWith([]);
    clientBinding.createEngine({ kind: 'standby' }, context);
    expect(made.client).toEqual([]);
    const [[outputs, ipv6Policy]] = made.standby as unknown as [[unknown, Ipv6Policy]];
    expect(outputs).toBe(context.outputs);
    expect(ipv6Policy.isGlobal(parseIpv6('fd00::1')!)).toBe(true);
    expect(ipv6Policy.isGlobal(parseIpv6('fc00::1')!)).toBe(false);
  });
});

describe('updates of a client', () => {
  const local = { address: localAddress, port: 9 };

  function updated(update: ClientEngineUpdate): unknown[][] {
    const calls: unknown[][] = [];
    const methods = [
      'networkChanged',
      'replaceLocalLink',
      'replaceUnreachable',
      'resumed',
      'replaceServers',
      'replaceTurnServers',
    ];
    const recorded = methods.map((name) => [name, (...args: unknown[]) => void calls.push([name, ...args])]);
    clientBinding.update!(Object.fromEntries(recorded) as unknown as AnyEngine, update, 1234);
    return calls;
  }

  const unreachable = [parseIpv4('8.8.8.8')!];

  it.each<[ClientEngineUpdate, ...unknown[][]]>([
    [
      { kind: 'network-changed', local, unreachable },
      ['replaceUnreachable', unreachable],
      ['networkChanged', 1234, localAddress],
    ],
    [{ kind: 'local-link', link }, ['replaceLocalLink', link, 1234]],
    [{ kind: 'local-link', link: undefined }, ['replaceLocalLink', undefined, 1234]],
    [{ kind: 'resumed', sleptMs: 60_000 }, ['resumed', 60_000, 1234]],
    [{ kind: 'turn-servers', servers: [] }, ['replaceTurnServers', []]],
    [{ kind: 'servers', servers, unreachable }, ['replaceUnreachable', unreachable], ['replaceServers', servers, 1234]],
  ])('%o is told to the engine in order', (update, ...calls) => {
    expect(updated(update)).toEqual(calls);
  });

  it('are nothing to one on standby', () => {
    const standby = {} as AnyEngine;
    expect(() => clientBinding.update!(standby, { kind: 'resumed', sleptMs: 1 }, 0)).not.toThrow();
  });
});
