import { Ipv4Policy, parseIpv4 } from '@navalis/address';
import type { NavalisError } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { resolveServers } from '../src/host/resolve-servers.ts';

const policy = new Ipv4Policy({ strictness: 'strict' });
const names: Record<string, string> = { 'good.example': '8.8.8.8', 'private.example': '10.0.0.1' };

async function lookUp(name: string): Promise<readonly string[]> {
  const address = names[name];
  if (address !== undefined) return [address];
  throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
}

async function resolve(...choices: readonly string[]) {
  const skipped: NavalisError[] = [];
  const servers = await resolveServers(
    choices.map((name) => ({ name, secondary: undefined })),
    policy,
    (error) => skipped.push(error),
    lookUp,
  );
  return { servers, skipped };
}

describe('servers', () => {
  it('are found by name or address, with the next address as the second one', async () => {
    const { servers } = await resolve('good.example', '1.1.1.1');
    expect(servers).toEqual([
      { name: 'good.example', primary: parseIpv4('8.8.8.8'), secondary: parseIpv4('8.8.8.9') },
      { name: '1.1.1.1', primary: parseIpv4('1.1.1.1'), secondary: parseIpv4('1.1.1.2') },
    ]);
  });

  it('that do not resolve are left out while another does', async () => {
    const { servers, skipped } = await resolve('bad.example', 'good.example');
    expect(servers.map((server) => server.name)).toEqual(['good.example']);
    expect(skipped.map((error) => error.message)).toEqual([
      'Server name bad.example does not resolve to an IPv4 address (no such name).',
    ]);
  });

  it('of which none resolves are an error', async () => {
    await expect(resolve('bad.example', 'worse.example')).rejects.toMatchObject({
      code: 'name-not-resolved',
      message: 'Server name bad.example does not resolve to an IPv4 address (no such name).',
    });
  });

  it('[CL-C-01] may not resolve to an address that no server has', async () => {
    await expect(resolve('private.example')).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/private\.example has the address 10\.0\.0\.1/),
    });
  });
});
