import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { laboratoryRanges, relayAddress, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { mainFile, type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import { repositoryPath } from '../src/repository.ts';

/** The page for operators of a client; the tests use its advice word by word. */
const page = readFileSync(repositoryPath('docs/operate/client.md'), 'utf8');
const diagnosisPage = readFileSync(repositoryPath('docs/operate/diagnose.md'), 'utf8');
const warning = 'No IPv6 firewall detected';

describe('the advice to operators of a client', () => {
  const laboratory = new Laboratory();
  let unguarded: NavalisClient;
  let guarded: NavalisClient;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    const [first, second] = [internet.home(), internet.home()];
    const [, rules = ''] = /^nft -f - <<'RULES'\n(.*?)^RULES$/ms.exec(page) ?? [];
    second.host.run('nft', ['-f', '-'], { input: rules });
    [unguarded, guarded] = (await Promise.all([first, second].map(({ host }) => startClient(laboratory, host)))) as [
      NavalisClient,
      NavalisClient,
    ];
  });

  afterAll(() => laboratory.close());

  it('[SEC-01] the client warns without the firewall rules, and not with them', async () => {
    await unguarded.program.line(new RegExp(warning));
    await guarded.program.stop();
    expect(guarded.program.output).not.toContain(warning);
    expect(guarded.program.output).not.toContain('cannot be seen');
  });

  it('[CL-U-07] with the address selection IPv4 comes before Teredo, and native IPv6 never after it', () => {
    const { host } = unguarded;
    const [, selection = ''] = /^# \/etc\/gai\.conf\n(.*?)^```$/ms.exec(page) ?? [];
    const peer = guarded.address;
    expect(sorted(laboratory, host, '', [peer, relayAddress])).toEqual([peer, relayAddress]);
    expect(sorted(laboratory, host, selection, [peer, relayAddress])).toEqual([relayAddress, peer]);
    expect(sorted(laboratory, host, selection, [webIpv6Address, relayAddress])).toEqual([relayAddress, webIpv6Address]);
  });

  it('[CL-U-07] diagnose tells what the C library does, and its cure works', () => {
    const { host } = unguarded;
    const [, cure = ''] = /^echo '(label .*)' >> \/etc\/gai\.conf$/m.exec(diagnosisPage) ?? [];
    const labels = 'label ::1/128 0\nlabel ::/0 1\nlabel ::ffff:0:0/96 4\n';
    for (const [selection, names] of [
      [labels, 'teredo-first'],
      [`${labels}${cure}\n`, 'ipv4-first'],
    ] as const) {
      const [first] = sorted(laboratory, host, selection, [webIpv6Address, relayAddress]);
      expect({ selection, first }).toEqual({
        selection,
        first: names === 'ipv4-first' ? relayAddress : webIpv6Address,
      });
      const gai = laboratory.file('gai.conf');
      const script = 'mount --bind "$0" /etc/gai.conf && exec "$@"';
      const ranges = ['--extra-global-ipv4', laboratoryRanges.join(',')];
      const flags = ['--server', serverAddress, '--native-target', 'none', '--json', ...ranges];
      const diagnosing = [process.execPath, mainFile('client', laboratory.checkout), 'diagnose', ...flags];
      const { stdout } = host.run('unshare', ['--mount', 'sh', '-c', script, gai, ...diagnosing], { tolerant: true });
      expect({ selection, names: (JSON.parse(stdout) as { names: string }).names }).toEqual({ selection, names });
    }
  });
});

/** The order in which the C library gives the addresses of a name to programs on a host. */
function sorted(
  laboratory: Laboratory,
  host: Namespace,
  selection: string,
  addresses: readonly string[],
): readonly string[] {
  const [gai, hosts] = [laboratory.file('gai.conf'), laboratory.file('hosts')];
  writeFileSync(gai, selection);
  writeFileSync(hosts, addresses.map((address) => `${address} both.test\n`).join(''));
  const script = 'mount --bind "$0" /etc/gai.conf && mount --bind "$1" /etc/hosts && getent ahosts both.test';
  const { stdout } = host.run('unshare', ['--mount', 'sh', '-c', script, gai, hosts]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('STREAM'))
    .map((line) => line.split(' ')[0]!);
}
