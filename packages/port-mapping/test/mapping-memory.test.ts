import { parseIpv4 } from '@navalis/address';
import { beforeEach, describe, expect, it } from 'vitest';
import { MappingMemory } from '../src/index.ts';
import { MemoryStore } from './memory-store.ts';

const gateway = parseIpv4('192.168.1.1')!;
const client = parseIpv4('192.168.1.100')!;
let store: MemoryStore;

beforeEach(() => {
  store = new MemoryStore();
});

describe('the memory of mappings', () => {
  it('[UPNP-15] keeps nonce and mappings across runs', () => {
    const memory = new MappingMemory(store);
    expect(store.text).toBeUndefined();
    memory.add({ protocol: 'pcp', gateway, port: 40_000, client });
    expect(store.read()).toEqual({
      nonce: Buffer.from(memory.nonce).toString('hex'),
      mappings: [{ protocol: 'pcp', gateway: '192.168.1.1', port: 40_000, client: '192.168.1.100' }],
    });
    const again = new MappingMemory(store);
    expect(again.mappingsAt(gateway, 'pcp')).toEqual([{ protocol: 'pcp', gateway, port: 40_000, client }]);
    expect(again.nonce).toEqual(memory.nonce);
    expect(again.nonce).toHaveLength(12);
  });

  it('[UPNP-15] forgets the mappings that were removed, and no other', () => {
    const memory = new MappingMemory(store);
    memory.add({ protocol: 'upnp', gateway, port: 40_000, client });
    memory.add({ protocol: 'upnp', gateway, port: 40_001, client });
    memory.remove({ protocol: 'upnp', gateway, port: 40_001, client });
    const again = new MappingMemory(store);
    expect(again.mappingsAt(gateway, 'upnp')).toEqual([{ protocol: 'upnp', gateway, port: 40_000, client }]);
    expect(again.mappingsAt(gateway, 'pcp')).toEqual([]);
    expect(again.mappingsAt(parseIpv4('10.0.0.1')!, 'upnp')).toEqual([]);
  });

  it('holds eight mappings, the last ones', () => {
    const memory = new MappingMemory(store);
    for (let port = 1; port <= 20; port++) memory.add({ protocol: 'upnp', gateway, port, client });
    expect(memory.mappingsAt(gateway, 'upnp').map(({ port }) => port)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it.each([
    ['nothing', 'null'],
    ['another kind of value', '[]'],
    ['a word', '"mappings"'],
    ['fields of other kinds', '{"nonce":"zz","mappings":[null,5,{"protocol":"x"}]}'],
    ['mappings of another kind', '{"nonce":5,"mappings":{"length":3}}'],
    [
      'a port out of range',
      '{"mappings":[{"protocol":"upnp","gateway":"192.168.1.1","port":-1,"client":"192.168.1.100"}]}',
    ],
    ['no host', '{"mappings":[{"protocol":"upnp","gateway":"192.168.1.1","port":40000}]}'],
  ])('[UPNP-18] counts a record of %s as empty', (_, text) => {
    store.text = text;
    const memory = new MappingMemory(store);
    expect(memory.mappingsAt(gateway, 'upnp')).toEqual([]);
    expect(memory.nonce).toHaveLength(12);
  });
});
