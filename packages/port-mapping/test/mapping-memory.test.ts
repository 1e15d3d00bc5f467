import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIpv4 } from '@navalis/address';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MappingMemory } from '../src/index.ts';

const gateway = parseIpv4('192.168.1.1')!;
const client = parseIpv4('192.168.1.100')!;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'port-mapping-'));
  path = join(folder, 'state/port-mapping.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the memory of mappings', () => {
  it('[UPNP-03] remembers port, address and nonce across runs', () => {
    const memory = new MappingMemory(path);
    expect([memory.port, memory.address]).toEqual([0, undefined]);
    expect(memory.add({ protocol: 'pcp', gateway, port: 40_000, client })).toBeUndefined();
    expect(memory.setAddress('2001:0:c633:640a:0:63bf:34ff:8ef4')).toBeUndefined();
    const again = new MappingMemory(path);
    expect([again.port, again.address]).toEqual([40_000, '2001:0:c633:640a:0:63bf:34ff:8ef4']);
    expect(again.nonce).toEqual(memory.nonce);
    expect(again.nonce).toHaveLength(12);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('[UPNP-15] keeps the mappings to remove apart from the port to use again', () => {
    const memory = new MappingMemory(path);
    memory.add({ protocol: 'upnp', gateway, port: 40_000, client });
    memory.add({ protocol: 'upnp', gateway, port: 40_001, client });
    memory.remove({ protocol: 'upnp', gateway, port: 40_001, client });
    const again = new MappingMemory(path);
    expect(again.port).toBe(40_001);
    expect(again.mappingsAt(gateway, 'upnp')).toEqual([{ protocol: 'upnp', gateway, port: 40_000, client }]);
    expect(again.mappingsAt(gateway, 'pcp')).toEqual([]);
    expect(again.mappingsAt(parseIpv4('10.0.0.1')!, 'upnp')).toEqual([]);
  });

  it('holds eight mappings, the last ones', () => {
    const memory = new MappingMemory(path);
    for (let port = 1; port <= 20; port++) memory.add({ protocol: 'upnp', gateway, port, client });
    expect(memory.mappingsAt(gateway, 'upnp').map(({ port }) => port)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it.each([
    ['not JSON', '{"port":'],
    ['another kind of value', '[]'],
    ['null', 'null'],
    ['fields of other kinds', '{"port":"40000","address":5,"nonce":"zz","mappings":[null,5,{"protocol":"x"}]}'],
    ['a port out of range', '{"port":70000,"mappings":[{"protocol":"upnp","gateway":"192.168.1.1","port":-1}]}'],
    ['8 kB and more', `{"port":40000,"address":"${'x'.repeat(9_000)}"}`],
  ])('[UPNP-18] counts a file with %s as empty', (_, text) => {
    const file = join(folder, 'file');
    writeFileSync(file, text);
    const memory = new MappingMemory(file);
    expect([memory.port, memory.address, memory.mappingsAt(gateway, 'upnp')]).toEqual([0, undefined, []]);
    expect(memory.nonce).toHaveLength(12);
  });

  it('returns why it cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const memory = new MappingMemory(join(file, 'below/port-mapping.json'));
    expect(memory.add({ protocol: 'pcp', gateway, port: 1, client })).toBe('ENOTDIR');
    expect(memory.port).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
