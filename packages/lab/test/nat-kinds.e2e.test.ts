import { natKinds } from '@navalis/nat';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress } from '../src/network/address-plan.ts';
import { type Home, Internet, type LabNatKind } from '../src/network/internet.ts';
import type { LinuxNatKind } from '../src/network/nat-box.ts';
import { diagnose } from '../src/programs/diagnose.ts';
import { launch, type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const supported: readonly LinuxNatKind[] = ['cone', 'address-restricted', 'port-restricted'];
const symmetric: readonly LabNatKind[] = [
  'port-preserving-symmetric',
  'sequential-symmetric',
  'port-symmetric',
  'address-symmetric',
];

/** The fields of `diagnose --json` that the tests read. */
interface Said {
  readonly nat: string;
  readonly isUsable: boolean;
  readonly portStep?: number;
  readonly hairpins: boolean | null;
  readonly peers: Readonly<Record<string, string>>;
  readonly exitStatus: number;
}

const flags = ['--server', serverAddress, '--symmetric-nat-support', 'false'];

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

  async function saidBehind({ host }: Home): Promise<Said> {
    const { stdout, stderr, status } = await diagnose(host, '--json', ...noTarget);
    expect(stderr).toBe('');
    const said = JSON.parse(stdout) as Said;
    expect(said.exitStatus).toBe(status);
    return said;
  }

  it.concurrent.each(supported)('diagnose names %s, and its exit status says that Teredo works', async (kind) => {
    expect(await saidBehind(await internet.homeBehind(kind))).toMatchObject({
      nat: kind,
      isUsable: true,
      exitStatus: 0,
    });
  });

  it.concurrent.each(symmetric)(
    'diagnose names %s, and its exit status says that Teredo works within limits',
    async (kind) => {
      const portStep = kind === 'sequential-symmetric' ? { portStep: 1 } : {};
      const said = await saidBehind(await internet.homeBehind(kind));
      expect(said).toMatchObject({ nat: kind, isUsable: true, limits: ['symmetric-nat'], exitStatus: 3, ...portStep });
      expect(said.peers).toMatchObject({ cone: 'direct', 'address-symmetric': 'none' });
    },
  );

  it('diagnose says that a client of RFC 4380 gets no address behind a symmetric NAT', async () => {
    const { host } = internet.home('port-symmetric');
    const { stdout, status } = await diagnose(host, '--json', '--symmetric-nat-support', 'false', ...noTarget);
    expect(JSON.parse(stdout)).toMatchObject({ nat: 'port-symmetric', isUsable: false, limits: [], exitStatus: 4 });
    expect(status).toBe(4);
  });

  it.concurrent('diagnose sees the step of a sequential NAT', async () => {
    const home = await internet.routedHome({ ...natKinds['sequential-symmetric'], portStep: 2 });
    expect(await saidBehind(home)).toMatchObject({ nat: 'sequential-symmetric', portStep: 2 });
  });

  it.concurrent.each(supported)('diagnose sees that %s hairpins, by the kernel or by the program', async (kind) => {
    const homes = [
      internet.home(kind, { hairpinning: true }),
      await internet.routedHome({ ...natKinds[kind], hairpinning: true }),
    ];
    for (const said of await Promise.all(homes.map(saidBehind))) {
      expect(said).toMatchObject({ nat: kind, hairpins: true });
    }
  });

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
    expect(stdout).toMatch(/Port mapping +not asked for \(port-mapping is "off"\); the router at [0-9.]+ speaks no/);
    expect(stdout).toMatch(/\n {2}port-restricted +directly\n/);
    expect(stdout).toMatch(/\n {2}port-symmetric +not, or only by chance\n/);
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

  it.each(symmetric)('behind %s a client of RFC 4380 is off-line within 20 s, and says why', async (kind) => {
    const client = launch(laboratory, (await internet.homeBehind(kind)).host, 'client', { flags });
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
