import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { LinuxNatKind } from '../src/network/nat-box.ts';
import { diagnose } from '../src/programs/diagnose.ts';
import { launch, type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const supported: readonly LinuxNatKind[] = ['cone', 'address-restricted', 'port-restricted'];
const symmetric: readonly LinuxNatKind[] = ['port-symmetric', 'sequential-symmetric', 'address-symmetric'];

/** This address has neither relay nor native host. */
const noTarget = ['--native-target', 'none'];

describe('the kinds of NAT that Linux can make', () => {
  let laboratory: Laboratory;
  let internet: Internet;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
  });

  afterAll(() => laboratory.close());

  it.each([...supported, ...symmetric])(
    'diagnose names %s, and its exit status says whether Teredo works',
    async (kind) => {
      const { host } = internet.home(kind);
      const { stdout, stderr, status } = await diagnose(host, '--json', ...noTarget);
      expect(stderr).toBe('');
      const said = JSON.parse(stdout) as { nat: string; isUsable: boolean; exitStatus: number };
      expect(said).toMatchObject({ nat: kind, isUsable: supported.includes(kind) });
      expect(status).toBe(supported.includes(kind) ? 0 : 3);
      expect(said.exitStatus).toBe(status);
    },
  );

  it('diagnose prints each finding at once, and changes nothing', async () => {
    const { host, publicAddress } = internet.home('port-restricted');
    const before = host.ipJson('addr');
    const { stdout, status } = await diagnose(host, ...noTarget);
    expect(status).toBe(0);
    expect(stdout).toContain(`sees ${publicAddress}:`);
    expect(stdout).toMatch(/Mapping +one for all destinations, ports are kept/);
    expect(stdout).toMatch(/Filtering +only endpoints that this host has contacted can reach it/);
    expect(stdout).toMatch(/Hairpinning +no/);
    expect(stdout).toContain('NAT: port-restricted');
    expect(host.ipJson('addr')).toEqual(before);
    report(stdout.trimEnd());
  });

  it('diagnose reports a missing server, and a host without a NAT', async () => {
    const { host } = internet.home();
    host.run('nft', [
      'add table inet wall; add chain inet wall out { type filter hook output priority 0; policy drop; }',
    ]);
    expect(await diagnose(host, '--json', ...noTarget)).toMatchObject({ status: 4 });
    const open = await diagnose(internet.dualStackHost(), '--json', ...noTarget);
    expect(JSON.parse(open.stdout)).toMatchObject({ nat: 'none', exitStatus: 0 });
  });

  it.each(symmetric)('behind %s a client is off-line within 20 s, and says why', async (kind) => {
    const client = launch(laboratory, internet.home(kind).host, 'client', { flags: ['--server', serverAddress] });
    await client.program.line(/symmetric NAT/, 20_000);
    expect(await client.status()).toMatchObject({ offlineReason: 'symmetric', nat: 'symmetric' });
    await client.program.stop();
  });

  it('clients behind all others reach each other, from either side', async () => {
    const start = async (kind: LinuxNatKind): Promise<NavalisClient> =>
      startClient(laboratory, internet.home(kind).host);
    const callers = await Promise.all(supported.map(start));
    const called = await Promise.all(supported.map(start));
    for (const [row, caller] of callers.entries()) {
      for (const [column, callee] of called.entries()) {
        const [from, to] = row <= column ? [caller, callee] : [callee, caller];
        const { roundTripMs } = await firstPing(from.host, to.address, 10_000);
        report(`${supported[row]} and ${supported[column]}: first ping ${roundTripMs} ms`);
      }
    }
  });
});
