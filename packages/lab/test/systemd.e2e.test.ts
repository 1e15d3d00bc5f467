import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  accessNetwork,
  dataCentre,
  dualStackAddress,
  dualStackIpv6Address,
  laboratoryRanges,
  otherServerAddress,
  otherServerSecondaryAddress,
  relayIpv6Address,
  serverAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { NameServer } from '../src/network/name-server.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type Role, startServer } from '../src/programs/navalis.ts';
import { SystemdMachine } from '../src/systemd/systemd-machine.ts';
import type { FileContent } from '../src/systemd/systemd-root.ts';
import { ping } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const { NAVALIS_LAB_LATENESS: lateness = '8' } = process.env;
/** The least delay of resources after the boot: a minute by `npm run systemd-check`, less in a run of all tests. */
const latenessMs = 1000 * Number(lateness);
/** The longest time from the arrival of the missing resource until the program works. */
const promptnessMs = 5_000;
const patienceMs = 30_000;

const secret = 'alice-0123456789abcdef0123456789abcdef';
const otherSecret = 'bob-0123456789abcdef0123456789abcdef';
const token = 'token-0123456789abcdef';
const otherToken = 'other-token-0123456789abcdef';

/** A machine on which something is late. */
interface LateMachine {
  readonly role: Role;
  /** The resource that is late. */
  readonly what: string;
  readonly machine: SystemdMachine;
  readonly give: () => void;
  /** The state that systemd shows while the program waits. */
  readonly waits: RegExp;
  /** The log line of the program when it works. */
  readonly works: RegExp;
}

function waitsFor(what: string): RegExp {
  return new RegExp(`Status: "Waiting for ${what}`);
}

const assigned = /^Teredo address 2001:0:[0-9a-f:]+: /;

describe('under systemd, with everything late', () => {
  const laboratory = new Laboratory();
  const machines: LateMachine[] = [];
  let internet: Internet;

  const at = (what: string): LateMachine => machines.find((machine) => machine.what === what)!;

  beforeAll(async () => {
    internet = new Internet(laboratory);
    internet.webHost();
    writeFileSync(laboratory.file('keys'), `alice hmac-sha1 ${secret}\n`, { mode: 0o600 });
    const flags = ['--client-keys', laboratory.file('keys'), '--require-secure', 'true'];
    const [refusing, silent] = await Promise.all([
      NameServer.start(laboratory, internet.core, accessNetwork.ipv4Gateway!, 'refuses'),
      NameServer.start(laboratory, internet.core, dataCentre.ipv4Gateway!, 'silent'),
      startServer(laboratory, internet.serverHost(), serverAddress, flags),
    ]);
    machines.push(
      ...(await Promise.all([
        lateServer(),
        lateRelay(),
        lateHostRelay(),
        lateName('name refused', accessNetwork.ipv4Gateway!, refusing),
        lateName('name server silent', dataCentre.ipv4Gateway!, silent),
        lateRoute(),
        lateAddress(),
        lateNetwork(),
      ])),
    );
  }, 120_000);

  afterAll(() => laboratory.close(), 60_000);

  async function boot(host: Namespace, role: Role, keys: string, files: Readonly<Record<string, FileContent>> = {}) {
    const text = `extra-global-ipv4 = ${JSON.stringify(laboratoryRanges)}\n${keys}`;
    return SystemdMachine.boot(laboratory, host, {
      roles: [role],
      files: { [`/etc/navalis/${role}.toml`]: { text }, ...files },
    });
  }

  const bootClient = (host: Namespace, keys: string, files: Readonly<Record<string, FileContent>> = {}) =>
    boot(host, 'client', `client-identifier = "alice"\nsecret-file = "/etc/navalis/secret"\n${keys}`, {
      '/etc/navalis/secret': { text: `${secret}\n`, mode: 0o600 },
      ...files,
    });

  /** Removes addresses and dependent routes from a machine, and returns a function that restores them. */
  function withhold(host: Namespace, ...lines: readonly string[]): () => void {
    host.ip('addr flush dev eth0');
    return () => host.ip(...lines);
  }

  async function lateServer(): Promise<LateMachine> {
    const host = internet.otherServerHost();
    const give = withhold(
      host,
      `addr add ${otherServerAddress}/24 dev eth0`,
      `addr add ${otherServerSecondaryAddress}/24 dev eth0`,
      `route add default via ${dataCentre.ipv4Gateway}`,
      'addr add 2d00:0:0:1::14/64 dev eth0',
      `route replace ::/0 via ${dataCentre.ipv6Gateway}`,
    );
    const keys = [
      `primary-address = "${otherServerAddress}"`,
      'client-keys = "/etc/navalis/client-keys"',
      'http = "127.0.0.1:9464"',
      'http-token = "/etc/navalis/http-token"\n',
    ];
    const machine = await boot(host, 'server', keys.join('\n'), {
      '/etc/navalis/http-token': { text: `${token}\n`, mode: 0o600 },
      '/etc/navalis/client-keys': { text: `alice hmac-sha1 ${secret}\n`, mode: 0o600 },
    });
    const works = /^Listening on UDP port 3544/;
    return {
      role: 'server',
      what: 'addresses of a server',
      machine,
      waits: waitsFor('an address to bind to'),
      give,
      works,
    };
  }

  async function lateRelay(): Promise<LateMachine> {
    const host = internet.relayHost();
    host.ip(`addr del ${relayIpv6Address}/64 dev eth0`);
    const machine = await boot(host, 'relay', '');
    const give = () =>
      host.ip(`addr add ${relayIpv6Address}/64 dev eth0`, `route replace ::/0 via ${dataCentre.ipv6Gateway}`);
    const works = /^Relaying 2001::\/32/;
    return { role: 'relay', what: 'IPv6 of a relay', machine, waits: waitsFor('a global IPv6 address'), give, works };
  }

  async function lateHostRelay(): Promise<LateMachine> {
    const host = internet.dualStackHost();
    const give = withhold(
      host,
      `addr add ${dualStackAddress}/24 dev eth0`,
      `route add default via ${dataCentre.ipv4Gateway}`,
      `addr add ${dualStackIpv6Address}/64 dev eth0`,
      `route replace ::/0 via ${dataCentre.ipv6Gateway}`,
    );
    const machine = await boot(host, 'host-relay', `bind-address = "${dualStackAddress}"\n`);
    const waits = waitsFor('a global IPv6 address');
    return {
      role: 'host-relay',
      what: 'everything of a host',
      machine,
      waits,
      give,
      works: /^Reaching Teredo clients/,
    };
  }

  async function lateName(what: string, address: string, server: NameServer): Promise<LateMachine> {
    const machine = await bootClient(internet.home().host, 'server = "teredo.example"\n', {
      '/etc/resolv.conf': { text: `nameserver ${address}\n` },
    });
    const waits = waitsFor('a server name to resolve \\(teredo\\.example\\)');
    return { role: 'client', what, machine, waits, give: () => server.answer(serverAddress), works: assigned };
  }

  /** The default gateway of a machine at home. */
  function gatewayOf(host: Namespace): string {
    const [{ gateway }] = host.ipJson('route', 'show', 'default') as [{ gateway: string }];
    return gateway;
  }

  async function lateRoute(): Promise<LateMachine> {
    const { host } = internet.home();
    const gateway = gatewayOf(host);
    host.ip('route del default');
    const machine = await bootClient(host, `server = "${serverAddress}"\n`);
    const give = () => host.ip(`route add default via ${gateway}`);
    const waits =
      /Status: "Off-line: this host has no IPv4 route to 198\.51\.100\.10\. Connect this host to a network, /;
    return { role: 'client', what: 'route', machine, waits, give, works: assigned };
  }

  async function lateAddress(): Promise<LateMachine> {
    const { host } = internet.home();
    const gateway = gatewayOf(host);
    const address = gateway.replace(/\.1$/, '.100');
    const give = withhold(host, `addr add ${address}/24 dev eth0`, `route add default via ${gateway}`);
    const machine = await bootClient(host, `server = "${serverAddress}"\nbind-address = "${address}"\n`);
    const waits = waitsFor('an address to bind to');
    return { role: 'client', what: 'bind-address of a client', machine, waits, give, works: assigned };
  }

  /** No address, no route and so no name server, like most hosts at the start of a boot. */
  async function lateNetwork(): Promise<LateMachine> {
    const { host } = internet.home();
    const gateway = gatewayOf(host);
    const address = gateway.replace(/\.1$/, '.100');
    const give = withhold(host, `addr add ${address}/24 dev eth0`, `route add default via ${gateway}`);
    const machine = await bootClient(host, 'server = "teredo.example"\n', {
      '/etc/resolv.conf': { text: `nameserver ${accessNetwork.ipv4Gateway}\n` },
    });
    const waits = waitsFor('a server name to resolve');
    return { role: 'client', what: 'whole network of a client', machine, waits, give, works: assigned };
  }

  /** Returns the state that the program reports on its machine. */
  async function stateOf({ role, machine }: LateMachine): Promise<string> {
    const program = `/opt/navalis/node_modules/.bin/teredo-${role}`;
    const { stdout } = await machine.run(program, ['status', '--json']);
    return (JSON.parse(stdout) as { state: string }).state;
  }

  it('[RT-06] every program waits, and works within 5 s of the missing resource', async () => {
    expect(machines).toHaveLength(8);
    await new Promise((resolve) => setTimeout(resolve, latenessMs));
    for (const late of machines) {
      const { what, role, machine, works, waits } = late;
      const said = (await machine.journal(role)).filter(({ message }) => works.test(message));
      expect.soft({ what, said }).toEqual({ what, said: [] });
      expect.soft({ what, restarts: await machine.property(role, 'NRestarts') }).toEqual({ what, restarts: '0' });
      // A route may exist for only some servers, so a client keeps checking.
      const states = what === 'route' ? /^(off-line|starting)$/ : /^waiting$/;
      expect.soft(await stateOf(late), what).toMatch(states);
      // A program that waits has started, and says what it waits for.
      expect.soft({ what, active: await machine.property(role, 'ActiveState') }).toEqual({ what, active: 'active' });
      const { stdout: shown } = await machine.run('systemctl', ['status', `teredo-${role}`]);
      expect.soft(shown, what).toMatch(waits);
    }
    const delays: { readonly what: string; readonly ms: number }[] = [];
    // In sequence: programs at once would share two processors.
    for (const { what, role, machine, give, works } of machines) {
      const givenAtMs = Date.now();
      give();
      const { atMs } = await machine.line(role, works, patienceMs);
      delays.push({ what, ms: Math.round(atMs - givenAtMs) });
    }
    for (const { what, ms } of delays) report(`${what}, ${latenessMs / 1000} s late: worked ${ms} ms after it`);
    for (const { what, ms } of delays) expect.soft(ms, what).toBeLessThan(promptnessMs);
    for (const late of machines) {
      const { what, role } = late;
      const state = role === 'client' ? 'qualified' : 'running';
      expect.soft({ what, state: await stateOf(late) }).toEqual({ what, state });
      const shown = role === 'client' ? /^Teredo address 2001:0:/ : /^Running/;
      await late.machine.status(role, shown, patienceMs);
    }
  }, 240_000);

  it('the journal has each thing once, with a priority and without a second time', async () => {
    for (const { what, role, machine } of machines) {
      const lines = await machine.journal(role);
      expect(lines.length, what).toBeGreaterThan(1);
      for (const { message, priority } of lines) {
        expect([3, 4, 6]).toContain(priority);
        expect(message).toMatch(/^[A-Z][^\n]*\.$/);
        expect(message).not.toMatch(/^\[?\d\d:\d\d|^<\d>|INFO|WARN|ERROR/);
      }
      // It logs once, as a warning, that it waits.
      expect(lines.filter(({ priority }) => priority === 4).length, what).toBeGreaterThan(0);
      expect(new Set(lines.map(({ message }) => message)).size, what).toBe(lines.length);
    }
  });

  it('the journal finds warnings by their priority', async () => {
    for (const { what, role, machine } of machines) {
      const warnings = (await machine.journal(role)).filter(({ priority }) => priority === 4);
      const args = ['--output=cat', '--no-pager', '-p', 'warning..warning', `_SYSTEMD_UNIT=teredo-${role}.service`];
      const { stdout } = await machine.run('journalctl', args);
      expect(stdout.trimEnd().split('\n'), what).toEqual(warnings.map(({ message }) => message));
    }
  });

  it('clients reach IPv6 hosts through the relay', async () => {
    for (const { machine, what } of machines.filter(({ role }) => role === 'client')) {
      const { received } = await ping(machine.host, webIpv6Address, { count: 5, intervalMs: 500 });
      expect(received, what).toBeGreaterThan(0);
    }
  });

  it('[SEC-28] secrets stay in files of root, also those read on a reload', async () => {
    const { machine } = at('addresses of a server');
    // Returns the first line of the response to a request with a token.
    const answerTo = async (sent: string) => {
      const request = `GET /status HTTP/1.1\\r\\nHost: localhost\\r\\nAuthorization: Bearer ${sent}\\r\\nConnection: close\\r\\n\\r\\n`;
      const script = `exec 3<>/dev/tcp/127.0.0.1/9464 && printf '${request}' >&3 && head -n 1 <&3`;
      return (await machine.run('bash', ['-c', script])).stdout.trim();
    };
    expect([await answerTo(token), await answerTo(otherToken)]).toEqual([
      'HTTP/1.1 200 OK',
      'HTTP/1.1 401 Unauthorized',
    ]);
    const replaceKeys = `printf 'alice hmac-sha1 ${secret}\\nbob hmac-sha1 ${otherSecret}\\n' > /etc/navalis/client-keys`;
    const replaceToken = `echo ${otherToken} > /etc/navalis/http-token`;
    await machine.run('sh', ['-c', `umask 077 && ${replaceKeys} && ${replaceToken}`]);
    await machine.run('systemctl', ['reload', 'teredo-server']);
    await machine.line('server', /^The secrets of clients were read again: 2\.$/, patienceMs);
    const copies = 'cd /etc/navalis; stat -c "%a %U" client-keys http-token /run/navalis/teredo-server.service/*';
    const { stdout } = await machine.run('sh', ['-c', copies]);
    expect(stdout).toBe('600 root\n600 root\n400 teredo-server\n400 teredo-server\n');
    await expect.poll(() => answerTo(otherToken), { timeout: patienceMs }).toBe('HTTP/1.1 200 OK');
    expect(await answerTo(token)).toBe('HTTP/1.1 401 Unauthorized');
    const said = (await machine.journal('server')).map(({ message }) => message).join('\n');
    expect(said).not.toContain('0123456789abcdef');
    await machine.run('systemctl', ['stop', 'teredo-server']);
    expect((await machine.run('sh', ['-c', 'ls -A /run/navalis'])).stdout).toBe('');
  });

  it('[RT-06] a reload ends when the program has taken it, and not before', async () => {
    const { machine, role } = at('IPv6 of a relay');
    await machine.signal(role, 'STOP');
    const reload = machine.run('systemctl', ['reload', `teredo-${role}`]).then(() => 'ended');
    try {
      const held = new Promise((resolve) => setTimeout(resolve, 2_000, 'held'));
      expect(await Promise.race([reload, held])).toBe('held');
      expect(await machine.property(role, 'ActiveState')).toBe('reloading');
    } finally {
      await machine.signal(role, 'CONT');
    }
    expect(await reload).toBe('ended');
    expect(await machine.property(role, 'ActiveState')).toBe('active');
    await machine.line(role, /^Configuration read again: nothing changed\.$/, patienceMs);
  });

  it('a program that is killed is started again after 5 s, without a limit', async () => {
    const { machine, role, works } = at('IPv6 of a relay');
    expect(await machine.property(role, 'StartLimitIntervalUSec')).toBe('0');
    const killedAtMs = Date.now();
    await machine.run('systemctl', ['kill', '--signal=SIGKILL', `teredo-${role}`]);
    const { atMs } = await machine.line(role, works, patienceMs, killedAtMs);
    expect(atMs - killedAtMs).toBeGreaterThan(5_000);
    expect(await machine.property(role, 'NRestarts')).toBe('1');
  });

  it('[RT-06] a program whose data plane hangs is killed by the watchdog, and started again', async () => {
    const { machine, role, works } = at('IPv6 of a relay');
    await machine.write(`/etc/systemd/system/teredo-${role}.service.d/watchdog.conf`, '[Service]\nWatchdogSec=5\n');
    await machine.run('systemctl', ['daemon-reload']);
    const restartedAtMs = Date.now();
    await machine.run('systemctl', ['restart', `teredo-${role}`]);
    await machine.line(role, works, patienceMs, restartedAtMs);
    const stopped = await machine.stopDataPlane(role);
    try {
      const stoppedAtMs = Date.now();
      const { atMs } = await machine.line(role, works, patienceMs, stoppedAtMs);
      report(`a data plane that hangs: another one works ${Math.round(atMs - stoppedAtMs)} ms later`);
      expect(await machine.property(role, 'NRestarts')).not.toBe('0');
    } finally {
      await stopped.stop();
    }
  }, 60_000);
});
