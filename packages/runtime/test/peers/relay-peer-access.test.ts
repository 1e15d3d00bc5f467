import { parseIpv6 } from '@navalis/address';
import { type HostRelayConfiguration, loadConfiguration, type RelayConfiguration } from '@navalis/config';
import { beforeEach, describe, expect, it } from 'vitest';
import { pingPeer } from '../../src/peers/follow-peer.ts';
import { HostRelayControl } from '../../src/roles/host-relay/host-relay-control.ts';
import { RelayControl } from '../../src/roles/relay/relay-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';
import { servedPeers } from './served-peers.ts';

const client = '2001:0:808:808:0:63bf:f7f7:f7f6';
const own = '2a00:1::1';
const served = servedPeers();
let machine: FakeMachine;

async function started(role: 'relay' | 'host-relay') {
  const configuration = loadConfiguration(role, { config: '/dev/null', values: new Map() });
  const context = await machine.context();
  const control =
    role === 'relay'
      ? new RelayControl(configuration as RelayConfiguration, context)
      : new HostRelayControl(configuration as HostRelayConfiguration, context);
  await control.start();
  return control;
}

beforeEach(() => {
  machine = new FakeMachine();
  machine.host = hostWith(own);
});

describe.each(['relay', 'host-relay'] as const)('a %s', (role) => {
  async function refusal(peer: string) {
    const access = (await started(role)).peerAccess()!;
    return access.refusePing!(parseIpv6(peer)!, parseIpv6(own)!);
  }

  it('pings clients, also where no route is known', async () => {
    expect(await refusal(client)).toBeUndefined();
    machine.ipv6Interface = undefined;
    expect(await refusal(client)).toBeUndefined();
  });

  it('refuses a peer that is no client', async () => {
    expect(await refusal('2a00:2::80')).toBe(
      'A relay pings Teredo clients only, and 2a00:2::80 is not in 2001::/32: use the ping of the host.',
    );
  });

  it('refuses a client whose reply another interface would bring', async () => {
    machine.ipv6Interface = 'teredo-host';
    expect(await refusal(client)).toMatch(
      /^The reply would not return through this relay: packets from 2a00:1::1 to 2001:0:808:.* leave through the interface "teredo-host"\. Use the ping of its program/,
    );
  });
});

describe('the command ping', () => {
  it('ends with the refusal, without a request', async () => {
    const control = await started('relay');
    await served.serve('relay', control.peerAccess()!, () => control.status());
    await expect(pingPeer(served.call(['2a00:2::80'], {}))).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('A relay pings Teredo clients only'),
    });
    expect(served.printed).toBe('');
  });
});
