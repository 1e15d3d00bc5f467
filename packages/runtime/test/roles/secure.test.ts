import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientConfiguration, loadConfiguration, type ServerConfiguration } from '@navalis/config';
import { createLogger } from '@navalis/telemetry';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { reload } from '../../src/program/reload.ts';
import { ClientControl } from '../../src/roles/client/client-control.ts';
import { ServerControl } from '../../src/roles/server/server-control.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-secure-'));
afterAll(() => rmSync(directory, { recursive: true }));
const secret = 'an-owl-0123456789abcdef0123456789';

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

function sourcesOf(values: Readonly<Record<string, unknown>>) {
  const raw = Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }] as const);
  return { config: '/dev/null', values: new Map(raw) };
}

const serverValues = { 'primary-address': '8.8.8.8', 'client-keys': join(directory, 'keys') };

async function startedServer() {
  file('keys', `alice hmac-sha1 ${secret}\n`);
  const sources = sourcesOf(serverValues);
  const first: ServerConfiguration = loadConfiguration('server', sources);
  const machine = new FakeMachine();
  const context = await machine.context();
  const control = new ServerControl(first, context);
  await control.start();
  return { sources, first, machine, control, logger: context.logger, dataPlane: machine.dataPlanes[0]! };
}

describe('secrets on their way to the data plane', () => {
  it("[SEC-28] a client's secret is in its settings, and in neither log nor status", async () => {
    const values = { server: '8.8.8.8', 'bind-address': '198.51.100.7', 'client-identifier': 'alice' };
    const sources = sourcesOf({ ...values, 'secret-file': file('secret', secret) });
    const machine = new FakeMachine();
    machine.host = hostWith();
    const configuration: ClientConfiguration = loadConfiguration('client', sources);
    const control = new ClientControl(configuration, await machine.context());
    await control.start();
    const settings = machine.dataPlanes[0]!.settings as { engine: { secure: unknown } };
    expect(settings.engine.secure).toBe(configuration.engine.secure);
    expect(new TextDecoder().decode(configuration.engine.secure!.secret)).toBe(secret);
    expect(JSON.stringify(await control.status())).not.toContain('owl');
    expect(machine.log.join()).not.toContain('owl');
    await control.stop();
  });

  it("[SEC-28] a server's keys are in its settings, and a file read again replaces them", async () => {
    const { sources, first, machine, control, logger, dataPlane } = await startedServer();
    const settings = dataPlane.settings as { engine: { clientKeys: unknown; requireSecure: boolean } };
    expect(settings.engine).toMatchObject({ clientKeys: first.engine.clientKeys, requireSecure: false });
    file('keys', `alice hmac-sha1 ${secret}new\nbob hmac-sha256 ${secret}\n`);
    const second = reload(first, sources, logger) as ServerConfiguration;
    control.reconfigured(second);
    expect(second.engine.clientKeys).toHaveLength(2);
    expect(dataPlane.updates).toEqual([{ clientKeys: second.engine.clientKeys }]);
    expect(machine.log).toContain('The secrets of clients were read again: 2.');
    expect(machine.log.join()).not.toContain('owl');
    expect(JSON.stringify(await control.status())).not.toContain('owl');
    await control.stop();
  });

  it('[SEC-28] says how many secrets there were when there are fewer', async () => {
    const { sources, first, machine, logger, control } = await startedServer();
    file('keys', `alice hmac-sha1 ${secret}\nbob hmac-sha256 ${secret}\n`);
    const second = reload(first, sources, logger);
    control.reconfigured(second);
    file('keys', `bob hmac-sha256 ${secret}\n`);
    control.reconfigured(reload(second, sources, logger));
    expect(machine.log.at(-1)).toBe('The secrets of clients were read again: 1, before 2.');
    await control.stop();
  });

  it.each([0, Date.UTC(2199, 0, 1)])('serves its clients with a wrong date: %d ms after 1970', async (wall) => {
    vi.useFakeTimers({ now: wall, toFake: ['Date'] });
    const { dataPlane, control } = await startedServer();
    expect(dataPlane.settings).toMatchObject({ engine: { clientKeys: [{ algorithm: 'hmac-sha1' }] } });
    expect(await control.status()).toMatchObject({ role: 'server', state: 'running' });
    await control.stop();
    vi.useRealTimers();
  });

  it('a bad key file keeps the old keys and names the bad line', async () => {
    const { sources, first, machine, logger, control } = await startedServer();
    file('keys', `alice hmac-sha1 ${secret}\nbob\n`);
    expect(reload(first, sources, logger)).toBe(first);
    expect(machine.log.at(-1)).toMatch(/^The configuration stays as it was: client-keys .*: line 2 has not the three/);
    await control.stop();
  });

  it('another path applies at a reload; adding or removing the key file requires a restart', async () => {
    file('keys', `alice hmac-sha1 ${secret}\n`);
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
    const logger = await createLogger({ level: 'info', format: 'json', destination });
    const withKeys = loadConfiguration('server', sourcesOf(serverValues));
    const moved = sourcesOf({ ...serverValues, 'client-keys': file('other', `bob hmac-sha1 ${secret}\n`) });
    const followed = reload(withKeys, moved, logger) as ServerConfiguration;
    expect(new TextDecoder().decode(followed.engine.clientKeys![0]!.clientIdentifier)).toBe('bob');
    expect(lines).toEqual(['Configuration read again: client-keys changed.']);

    const without = sourcesOf({ 'primary-address': '8.8.8.8' });
    expect((reload(withKeys, without, logger) as ServerConfiguration).engine.clientKeys).toBe(
      withKeys.engine.clientKeys,
    );
    expect(lines.at(-1)).toBe('These keys take effect at the next start: client-keys.');
    const neverHad = loadConfiguration('server', without);
    expect(
      (reload(neverHad, sourcesOf(serverValues), logger) as ServerConfiguration).engine.clientKeys,
    ).toBeUndefined();
    expect(lines.at(-1)).toBe('These keys take effect at the next start: client-keys.');
  });
});
