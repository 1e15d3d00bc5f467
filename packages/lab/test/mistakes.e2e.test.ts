import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import { launch, type Role, startHostRelay } from '../src/programs/navalis.ts';
import { Program } from '../src/programs/program.ts';

describe('a program that cannot work with its settings or its host', () => {
  let laboratory: Laboratory;
  let home: Namespace;
  let server: Namespace;
  let dualStack: Namespace;

  beforeAll(() => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    home = internet.home().host;
    server = internet.serverHost();
    dualStack = internet.dualStackHost();
  });

  afterAll(() => laboratory.close());

  interface Refusal {
    readonly status: number;
    readonly output: string;
  }

  /** Starts a program that must end by itself with a message, without a stack trace and leaving its machine alone. */
  async function refusal(
    host: Namespace,
    role: Role,
    flags: readonly string[],
    interpreter: readonly string[] = [],
  ): Promise<Refusal> {
    const before = networkSnapshot(host);
    const { program } = launch(laboratory, host, role, { flags, interpreter });
    const { status } = await program.ended;
    expect(program.output).not.toMatch(/^\s+at /m);
    expect(networkSnapshot(host)).toEqual(before);
    return { status: status ?? -1, output: program.output };
  }

  it('a wrong value of a key: a sentence with key, value and allowed values, status 2', async () => {
    const { status, output } = await refusal(server, 'server', ['--primary-address', 'somewhere']);
    expect(status).toBe(2);
    expect(output).toContain('primary-address');
    expect(output).toContain('somewhere');
    expect(output).toContain('IPv4 address');
  });

  it('an unknown key: a sentence that names it, status 2', async () => {
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress, '--sever', 'x']);
    expect(status).toBe(2);
    expect(output).toContain('sever');
  });

  it('a port in use: a sentence that names it, status 1', async () => {
    const first = await startHostRelay(laboratory, dualStack);
    const { status, output } = await refusal(dualStack, 'relay', ['--interface', 'other']);
    expect(status).toBe(1);
    expect(output).toContain('3544');
    await first.program.stop();
  });

  it('[RT-03] a port of http in use: a sentence that names it, and no interface before, status 1', async () => {
    const http = ['--http', '127.0.0.1:9100'];
    const first = await startHostRelay(laboratory, dualStack, http);
    const args = ['-oneline', 'monitor', 'link'];
    const monitor = Program.start(laboratory, dualStack, { name: 'ip monitor', command: 'ip', args });
    const relay = ['--interface', 'other', '--bind-port', '4000', ...http];
    const { status, output } = await refusal(dualStack, 'relay', relay);
    expect(status).toBe(1);
    expect(output).toContain('http 127.0.0.1:9100 is in use by something else.');
    dualStack.ip('link set lo down', 'link set lo up');
    await monitor.line(/ lo: /);
    expect(monitor.output).not.toContain(' other: ');
    await monitor.kill();
    await first.program.stop();
  });

  it('[RT-03] no command ip: a sentence that names it, and no interface before, status 1', async () => {
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress], ['env', 'PATH=/nonexistent']);
    expect(status).toBe(1);
    expect(output).toContain('The command ip cannot be run');
    expect(output).not.toContain('Asking server');
  });

  it('[RT-03] a read-only folder of the status socket: a sentence that says so, status 1', async () => {
    const readOnly = ['sh', '-c', 'mount -t tmpfs -o ro tmpfs /mnt && exec "$0" "$@" --status-socket /mnt/x/s.sock'];
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress], readOnly);
    expect(status).toBe(1);
    expect(output).toContain('/mnt/x/s.sock cannot be opened: the file system is read-only.');
    expect(output).not.toContain('permission');
  });

  it('an interface name that is taken: a sentence that names it, status 1', async () => {
    home.ip('link add taken type veth peer name other');
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress, '--interface', 'taken']);
    expect(status).toBe(1);
    expect(output).toContain('taken');
  });

  it('no tunnel device: a sentence that names it, status 1', async () => {
    // Programs of the laboratory have mounts of their own.
    const withoutDevices = ['sh', '-c', 'mount -t tmpfs tmpfs /dev/net && exec "$0" "$@"'];
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress], withoutDevices);
    expect(status).toBe(1);
    expect(output).toContain('/dev/net/tun');
  });

  it('no privilege: a sentence that names the missing capability, status 1', async () => {
    const powerless = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all'];
    const { status, output } = await refusal(home, 'client', ['--server', serverAddress], powerless);
    expect(status).toBe(1);
    expect(output).toMatch(/privilege|CAP_NET_ADMIN|root/i);
  });

  it('[RT-01] no privilege, by a person who may not write the status socket either: the capability comes first', async () => {
    const person = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--bounding-set', '-all'];
    for (const [host, role, flags, capability] of [
      [home, 'client', ['--server', serverAddress], 'CAP_NET_ADMIN'],
      [server, 'server', ['--primary-address', serverAddress], 'CAP_NET_RAW'],
    ] as const) {
      const { status, output } = await refusal(host, role, flags, [...person, '--inh-caps', '-all']);
      expect(status).toBe(1);
      expect(output).toContain(`This program needs the capability ${capability}: run as root`);
      expect(output).not.toContain('status-socket');
    }
  });
});
