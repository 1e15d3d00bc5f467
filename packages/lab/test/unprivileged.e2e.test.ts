import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  dualStackIpv6Address,
  otherServerAddress,
  serverAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import { launch, type Navalis, type Role } from '../src/programs/navalis.ts';
import { asNobodyWith, type Capability, openFolderToUnprivileged } from '../src/programs/unprivileged.ts';
import { ping } from '../src/traffic/ping.ts';

/** The bits of capabilities(7). */
const bits: Readonly<Record<Capability, bigint>> = { net_admin: 1n << 12n, net_raw: 1n << 13n };

describe('without root', () => {
  let laboratory: Laboratory;
  let internet: Internet;

  beforeAll(() => {
    laboratory = new Laboratory();
    openFolderToUnprivileged(laboratory);
    internet = new Internet(laboratory);
  });

  afterAll(() => laboratory.close());

  function start(host: Namespace, role: Role, capability: Capability, flags: readonly string[] = []): Navalis {
    return launch(laboratory, host, role, { flags, interpreter: asNobodyWith(capability) });
  }

  it('[SEC-38][RL-A-01b] all four programs do their work with one capability each, and leave nothing behind', async () => {
    const serverHost = internet.serverHost();
    const server = start(serverHost, 'server', 'net_raw', ['--primary-address', serverAddress]);
    await server.program.line(/Listening on UDP port/);
    const router = internet.relayHost();
    const routes = (machine: Namespace) => machine.ipJson('-6', 'route', 'show', '2001::/32') as unknown[];
    const relay = start(router, 'relay', 'net_admin');
    await relay.program.line(/Relaying 2001::/);
    expect(routes(router)).toHaveLength(1);
    const dualStack = internet.dualStackHost();
    const hostRelay = start(dualStack, 'host-relay', 'net_admin');
    await hostRelay.program.line(/Reaching Teredo clients through/);
    internet.webHost();
    const home = internet.home().host;
    const before = networkSnapshot(home);
    const client = start(home, 'client', 'net_admin', ['--server', serverAddress]);
    await client.program.line(/Teredo address (2001:[0-9a-f:]+): /);

    const all = [
      [server, 'net_raw'],
      [relay, 'net_admin'],
      [hostRelay, 'net_admin'],
      [client, 'net_admin'],
    ] as const;
    for (const [{ program }, capability] of all) expect(privileges(program.pid)).toEqual(onlyThat(capability));

    // The relay's clients, and by the server's raw socket the test of the host.
    const web = await ping(home, webIpv6Address, { count: 3, intervalMs: 200, patienceMs: 3000 });
    const neighbour = await ping(home, dualStackIpv6Address, { count: 3, intervalMs: 200, patienceMs: 3000 });
    expect(web.received).toBeGreaterThan(0);
    expect(neighbour.received).toBeGreaterThan(0);
    expect((await server.status()).counters.bubblesReceived).toBeGreaterThan(0);
    for (const { status } of [relay, hostRelay]) expect((await status()).peers).toBeGreaterThan(0);

    await client.program.stop();
    expect(networkSnapshot(home)).toEqual(before);
    for (const { program } of [relay, hostRelay]) await program.stop();
    expect([routes(router), routes(dualStack)]).toEqual([[], []]);
  });

  it('[SEC-38] a program without its capability says which one it needs, with status 1', async () => {
    const relay = start(internet.bystander(), 'relay', 'net_raw');
    expect((await relay.program.ended).status).toBe(1);
    expect(relay.program.output).toContain('CAP_NET_ADMIN');
    const flags = ['--primary-address', otherServerAddress];
    const server = start(internet.otherServerHost(), 'server', 'net_admin', flags);
    expect((await server.program.ended).status).toBe(1);
    expect(server.program.output).toContain('CAP_NET_RAW');
  });
});

interface Privileges {
  readonly users: string;
  readonly capabilities: readonly string[];
}

/** Returns the user IDs of a process (real, effective, saved and file system), and its five sets of capabilities. */
function privileges(pid: number): Privileges {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const users = /^Uid:\s*(.*)$/m.exec(text)?.[1] ?? '';
  return { users, capabilities: [...text.matchAll(/^Cap[A-Z][a-z]+:\s*([0-9a-f]+)$/gm)].map((match) => match[1]!) };
}

function onlyThat(capability: Capability): Privileges {
  const set = bits[capability].toString(16).padStart(16, '0');
  return { users: '65534\t65534\t65534\t65534', capabilities: [set, set, set, set, set] };
}
