import { formatIpv4, Ipv4Policy, parseIpv4 } from '@navalis/address';
import type { NavalisError } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { type ResolvedServer, resolveServers } from '../../src/host/names/resolve-servers.ts';

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
    { policy, lookUp, skipped: (error) => skipped.push(error) },
  );
  return { servers, skipped };
}

/** Returns the servers of `many.example` with these addresses, as `primary/secondary`. */
async function expand(
  addresses: readonly string[],
  { secondary, known = [], kept }: { secondary?: string; known?: readonly ResolvedServer[]; kept?: string } = {},
) {
  const errors: string[] = [];
  const servers = await resolveServers(
    [{ name: 'many.example', secondary: secondary && parseIpv4(secondary) }] as never,
    {
      policy,
      lookUp: async () => addresses,
      skipped: (error) => errors.push(error.message),
      known,
      kept: kept === undefined ? undefined : parseIpv4(kept),
    },
  );
  const texts = servers.map((server) => `${formatIpv4(server.primary)}/${formatIpv4(server.secondary)}`);
  return { servers, texts, errors };
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
      'Server name bad.example does not resolve to an IPv4 address (no such name): correct the key server or the name server.',
    ]);
  });

  it('of which none resolves are an error', async () => {
    await expect(resolve('bad.example', 'worse.example')).rejects.toMatchObject({
      code: 'name-not-resolved',
      message:
        'Server name bad.example does not resolve to an IPv4 address (no such name): correct the key server or the name server.',
    });
  });

  it('[CL-C-01] may not resolve to an address that no server can have', async () => {
    await expect(resolve('private.example')).rejects.toMatchObject({
      // The addresses of a name may change, so this is no mistake in the configuration.
      code: 'name-not-resolved',
      evidence: 'private.example',
      message: expect.stringMatching(/private\.example has the address 10\.0\.0\.1/),
    });
  });

  it('[CL-C-12] are as many as their name has addresses, in the order of the answer', async () => {
    const { texts } = await expand(['9.9.9.8', '8.8.8.8', '1.1.1.1']);
    expect(texts).toEqual(['9.9.9.8/9.9.9.9', '8.8.8.8/8.8.8.9', '1.1.1.1/1.1.1.2']);
  });

  it('[CL-C-12] keep their order when the name server rotates its answer, and new ones come last', async () => {
    const { servers: known } = await expand(['9.9.9.8', '8.8.8.8', '1.1.1.1']);
    const { texts } = await expand(['4.4.4.4', '1.1.1.1', '9.9.9.8'], { known });
    expect(texts).toEqual(['9.9.9.8/9.9.9.9', '1.1.1.1/1.1.1.2', '4.4.4.4/4.4.4.5']);
  });

  it('[CL-C-12] include the one in use while the name has another known address', async () => {
    const { servers: known } = await expand(['9.9.9.8', '8.8.8.8']);
    const kept = '8.8.8.8';
    expect((await expand(['4.4.4.4', '9.9.9.8'], { known, kept })).texts).toEqual([
      '9.9.9.8/9.9.9.9',
      '8.8.8.8/8.8.8.9',
      '4.4.4.4/4.4.4.5',
    ]);
    expect((await expand(['4.4.4.4'], { known, kept })).texts).toEqual(['4.4.4.4/4.4.4.5']);
    expect((await expand(['4.4.4.4', '9.9.9.8'], { known })).texts).toEqual(['9.9.9.8/9.9.9.9', '4.4.4.4/4.4.4.5']);
  });

  it('[CL-C-12][CL-C-14] of a name with many addresses are others at each client, with that of the last run', async () => {
    const many = Array.from({ length: 30 }, (_, index) => `8.8.${index}.8`);
    const used = new Set<string>();
    for (let client = 0; client < 100; client++) {
      const { texts } = await expand(many, { kept: '8.8.29.8' });
      expect(texts).toHaveLength(8);
      expect(texts[0]).toBe('8.8.29.8/8.8.29.9');
      for (const text of texts) used.add(text);
    }
    expect(used.size).toBe(30);
  });

  it('[CL-C-12] do not include the configured second address, although the name lists it too', async () => {
    expect((await expand(['8.8.8.9', '8.8.8.8'], { secondary: '8.8.8.9' })).texts).toEqual(['8.8.8.8/8.8.8.9']);
    expect((await expand(['8.8.8.8'], { secondary: '8.8.8.20' })).texts).toEqual(['8.8.8.8/8.8.8.20']);
    await expect(expand(['8.8.8.9'], { secondary: '8.8.8.9' })).rejects.toMatchObject({ code: 'name-not-resolved' });
  });

  it('leave out an address of their name that no server can have, while others can', async () => {
    const { texts, errors } = await expand(['10.0.0.1', '8.8.8.8']);
    expect(texts).toEqual(['8.8.8.8/8.8.8.9']);
    expect(errors).toEqual([expect.stringMatching(/many\.example has the address 10\.0\.0\.1/)]);
  });

  it('are listed once, also if several names resolve to them, and at most 8 of a name', async () => {
    const { servers } = await resolve('good.example', '8.8.8.8');
    expect(servers).toHaveLength(1);
    const many = Array.from({ length: 30 }, (_, index) => `8.8.${index}.8`);
    expect((await expand(many)).texts).toHaveLength(8);
  });

  it('whose second address in the configuration is wrong are a mistake, although others are right', async () => {
    const choices = [
      { name: '8.8.8.8', secondary: parseIpv4('8.8.8.8') },
      { name: '9.9.9.8', secondary: undefined },
    ];
    const options = { policy, lookUp, skipped: () => undefined };
    await expect(resolveServers(choices, options)).rejects.toMatchObject({ code: 'configuration' });
  });
});
