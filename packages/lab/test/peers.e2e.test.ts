import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import {
  mainFile,
  type Navalis,
  type NavalisClient,
  startClient,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { report } from './report.ts';

describe('the peers of running programs', () => {
  let laboratory: Laboratory;
  let alice: NavalisClient;
  let bob: NavalisClient;
  let relay: Navalis;
  let server: Navalis;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    server = await startServer(laboratory, internet.serverHost());
    relay = await startRelay(laboratory, internet.relayHost());
    internet.webHost();
    alice = await startClient(laboratory, internet.home().host);
    bob = await startClient(laboratory, internet.home().host);
  });

  afterAll(() => laboratory.close());

  it('are pinged by the client itself: first contact, path, round trip', async () => {
    const { status, stdout } = await alice.call('ping', '-c', '2', bob.address);
    report(stdout);
    expect(status).toBe(0);
    expect(stdout).toMatch(/echo request, 80 octets, of this host: queued/);
    expect(stdout).toMatch(/bubble[^\n]* sent to [^\n]*, through the peer's server/);
    expect(stdout).toMatch(/Peer is established direct/);
    expect(stdout).toMatch(/Reply 2 after [\d.]+ ms/);
    expect(stdout).toMatch(/\n2 sent, 2 received, 0% lost; min\/avg\/max /);
  });

  it('are pinged through a relay, and by the relay', async () => {
    expect(await alice.call('ping', '-c', '1', webIpv6Address)).toMatchObject({ status: 0 });
    expect(await relay.call('ping', '-c', '1', alice.address)).toMatchObject({ status: 0 });
  });

  it('are listed with state, path and traffic; a server has none', async () => {
    const { peers } = JSON.parse((await alice.call('peers', '--json')).stdout);
    const reached = peers.find(({ address }: { address: string }) => address === bob.address);
    expect(reached).toMatchObject({
      state: 'established',
      path: 'direct',
      sent: { packets: 2, octets: 160 },
      received: { packets: 2 },
    });
    expect((await relay.call('peers')).stdout).toMatch(new RegExp(`\\n${alice.address} +established +direct `));
    expect((await server.call('peers')).stdout).toContain('A server has no peers');
    expect(await server.call('ping', alice.address)).toMatchObject({ status: 2 });
  });

  it('[SEC-47][CL-C-10] are listed for every user, and pinged and traced for root and the group of the program only', async () => {
    chmodSync(laboratory.folder, 0o755);
    const asGroup =
      (group: number) =>
      async (command: string, ...operands: readonly string[]) => {
        const user = ['--reuid', '65534', '--regid', String(group), '--clear-groups', process.execPath];
        const program = [mainFile('client'), command, ...operands, '--status-socket', alice.socket];
        return await alice.host.runBeside('setpriv', [...user, ...program], { tolerant: true });
      };
    const [stranger, member] = [asGroup(65_534), asGroup(0)];
    expect(await stranger('status')).toMatchObject({ status: 0 });
    expect((await stranger('peers')).stdout).toContain(bob.address);
    for (const command of ['ping', 'trace']) {
      const { status, stdout, stderr } = await stranger(command, bob.address);
      expect([command, status, stdout]).toEqual([command, 1, '']);
      expect(stderr).toMatch(
        /ping and trace need root, or the user or group of the program: .* Run the command with sudo\.\n$/,
      );
    }
    expect(await member('ping', '-c', '1', bob.address)).toMatchObject({ status: 0 });
  });

  it('that do not exist get no reply, and the reasons are told', async () => {
    const { status, stdout } = await alice.call('ping', '-c', '1', '2001:0:a00:1::1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/dropped \(embedded-not-global\): /);
    expect(stdout).toContain('\n1 sent, 0 received, 100% lost\n');
  });
});
