import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dataCentre, laboratoryRanges, serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { mainFile, type Role, startServer } from '../src/programs/navalis.ts';

describe('[RT-07] check --live', () => {
  let laboratory: Laboratory;
  let internet: Internet;

  beforeAll(() => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
  });

  afterAll(() => laboratory.close());

  function check(host: Namespace, role: Role, ...flags: readonly string[]) {
    const socket = laboratory.file(`${role}-checked.sock`);
    const all = ['--status-socket', socket, '--extra-global-ipv4', laboratoryRanges.join(','), ...flags];
    const args = [mainFile(role, laboratory.checkout), 'check', '--live', ...all];
    const { status, stdout } = host.run(process.execPath, args, { tolerant: true });
    const [valid, ...lines] = stdout.trimEnd().split('\n');
    expect(valid).toBe('The configuration is valid.');
    expect(lines.filter((line) => !/^(Present|Missing|Note): +[A-Z/].*\.$/.test(line))).toEqual([]);
    return { status, missing: lines.filter((line) => line.startsWith('Missing:')) };
  }

  it('of a relay follows its host: forwarding, default route, address', () => {
    const host = internet.relayHost();
    expect(check(host, 'relay')).toEqual({ status: 0, missing: [] });
    host.setting('net/ipv6/conf/all/forwarding', '0');
    expect(check(host, 'relay')).toEqual({ status: 1, missing: [expect.stringContaining('IPv6 forwarding is off')] });
    host.setting('net/ipv6/conf/all/forwarding', '1');
    host.ip('route del ::/0');
    expect(check(host, 'relay').missing).toEqual([
      expect.stringContaining('no route to the IPv6 networks in served-prefix'),
    ]);
    host.ip(`route replace ::/0 via ${dataCentre.ipv6Gateway}`);
    host.ip('link add teredo type veth peer name other');
    expect(check(host, 'relay').missing).toEqual([expect.stringContaining('An interface teredo exists already')]);
  });

  it('of a client needs a route to its server, and names that resolve', () => {
    const { host } = internet.home();
    expect(check(host, 'client', '--server', serverAddress)).toEqual({ status: 0, missing: [] });
    host.ip('route del default');
    expect(check(host, 'client', '--server', serverAddress)).toEqual({
      status: 1,
      missing: [expect.stringContaining(`no IPv4 route to server ${serverAddress}`)],
    });
    expect(check(host, 'client', '--server', 'teredo.example').missing).toEqual([
      expect.stringContaining('Server name teredo.example does not resolve'),
    ]);
  });

  it('of a server finds its port taken, and its addresses', async () => {
    const host = internet.serverHost();
    expect(check(host, 'server', '--primary-address', serverAddress)).toEqual({ status: 0, missing: [] });
    expect(check(host, 'server', '--primary-address', '198.51.100.99').missing).toEqual([
      expect.stringContaining('198.51.100.99 (key primary-address)'),
      expect.stringContaining('198.51.100.100 (key secondary-address)'),
    ]);
    // Its status socket is another one: for this check it is any program.
    await startServer(laboratory, host);
    expect(check(host, 'server', '--primary-address', serverAddress).missing).toEqual([
      expect.stringContaining('UDP port 3544'),
      expect.stringContaining('UDP port 3544'),
    ]);
  });
});
