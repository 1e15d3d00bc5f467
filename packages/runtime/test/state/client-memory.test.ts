import { parseIpv4, parseIpv6 } from '@navalis/address';
import { MappingMemory } from '@navalis/port-mapping';
import { describe, expect, it } from 'vitest';
import { ClientMemory } from '../../src/state/client-memory.ts';
import { FakeMachine } from '../fakes.ts';

const address = parseIpv6('2001:0:c633:640a:0:63bf:34ff:8ef4')!;
const configuration = { stateDirectory: '/srv/state', interfaceName: 'teredo1' };
const path = '/srv/state/client-teredo1.json';

async function memoryOn(machine: FakeMachine) {
  return new ClientMemory(configuration, await machine.context());
}

describe('the memory of a client', () => {
  it('keeps port and address for the next run', async () => {
    const machine = new FakeMachine();
    const first = await memoryOn(machine);
    expect([first.port, first.address]).toEqual([0, undefined]);
    first.record(40_000, address);
    expect(machine.states.get(path)).toEqual({
      kind: 'read',
      fields: { port: 40_000, address: '2001:0:c633:640a:0:63bf:34ff:8ef4' },
    });
    const second = await memoryOn(machine);
    expect([second.port, second.address]).toEqual([40_000, address]);
    expect(machine.log).toEqual([]);
  });

  it('[UPNP-03] keeps the port, the address and the mapping of each of two clients with one state directory', async () => {
    const machine = new FakeMachine();
    const gateway = parseIpv4('192.168.1.1')!;
    const mapping = { protocol: 'pcp', gateway, client: parseIpv4('192.168.1.100')! } as const;
    const addresses = ['2001:0:c633:640a:0:63bf:34ff:8ef4', '2001:0:c633:640a:0:63be:34ff:8ef4'];
    const context = await machine.context();
    const open = () =>
      ['teredo', 'teredo1'].map((interfaceName, index) => {
        const memory = new ClientMemory({ stateDirectory: '/srv/state', interfaceName }, context);
        return { memory, mappings: new MappingMemory(memory.mappings), port: 40_000 + index };
      });
    const first = open();
    // A mapping is there before the address, and may change after it.
    for (const { mappings, port } of first) mappings.add({ ...mapping, port });
    for (const [index, { memory, port }] of first.entries()) memory.record(port, parseIpv6(addresses[index]!)!);
    for (const { mappings, port } of first) mappings.add({ ...mapping, protocol: 'upnp', port });
    for (const { mappings, port } of first) mappings.remove({ ...mapping, port });
    const second = open();
    for (const [index, { memory, mappings, port }] of second.entries()) {
      expect([memory.port, memory.address]).toEqual([port, parseIpv6(addresses[index]!)]);
      expect(mappings.nonce).toEqual(first[index]!.mappings.nonce);
      expect(mappings.mappingsAt(gateway, 'upnp')).toEqual([{ ...mapping, protocol: 'upnp', port }]);
      expect(mappings.mappingsAt(gateway, 'pcp')).toEqual([]);
    }
    expect(machine.log).toEqual([]);
    expect([...machine.states.keys()]).toEqual(['/srv/state/client-teredo.json', '/srv/state/client-teredo1.json']);
  });

  it('[UPNP-15] keeps the mappings of a run that ended before it had an address, and of a damaged file', async () => {
    const machine = new FakeMachine();
    const portMapping = { nonce: '0123456789abcdef01234567', mappings: [] };
    machine.states.set(path, { kind: 'read', fields: { portMapping } });
    const memory = await memoryOn(machine);
    expect([memory.port, memory.mappings.read(), machine.log]).toEqual([0, portMapping, []]);
    machine.states.set(path, { kind: 'read', fields: { port: 70_000, address: '2001::1', portMapping } });
    const damaged = await memoryOn(machine);
    expect([damaged.port, damaged.mappings.read(), machine.log.length]).toEqual([0, portMapping, 1]);
  });

  it('draws another port after a run through a TURN server, and the old one after a restart', async () => {
    const machine = new FakeMachine();
    const memory = await memoryOn(machine);
    memory.record(40_000, address);
    memory.forgetPort();
    expect([memory.port, memory.address]).toEqual([0, address]);
    expect((await memoryOn(machine)).port).toBe(40_000);
  });

  it.each([
    { port: 70_000, address: '2001::1' },
    { port: '40000', address: '2001::1' },
    { port: 40_000, address: 'x' },
    { port: 40_000 },
    {},
  ])('ignores %j with one line, and replaces it', async (fields) => {
    const machine = new FakeMachine();
    machine.states.set(path, { kind: 'read', fields });
    const memory = await memoryOn(machine);
    expect([memory.port, memory.address]).toEqual([0, undefined]);
    const sentence = `Ignoring ${path}: it is damaged. The port and the address may be others than in the last run; the file is replaced.`;
    expect(machine.log).toEqual([sentence]);
    memory.record(40_000, address);
    expect((await memoryOn(machine)).port).toBe(40_000);
  });

  it('ignores an unusable file with its reason', async () => {
    const machine = new FakeMachine();
    machine.states.set(path, { kind: 'unusable', reason: 'it belongs to another user (1000)' });
    expect((await memoryOn(machine)).port).toBe(0);
    expect(machine.log[0]).toMatch(/^Ignoring .*\.json: it belongs to another user \(1000\)\. The port/);
  });

  it.each([
    ['ENOSPC', 'Free space on its file system.'],
    ['EACCES', 'Make the directory writable for this program, or set state-directory.'],
  ])('logs once that it cannot be written (%s), and tries again', async (error, cure) => {
    const machine = new FakeMachine();
    machine.stateError = error;
    const memory = await memoryOn(machine);
    memory.record(40_000, address);
    memory.record(40_000, address);
    expect(machine.log).toEqual([
      `Cannot write ${path} (${error}): the port and the address will be others after a restart. ${cure}`,
    ]);
    machine.stateError = undefined;
    memory.record(40_000, address);
    expect(machine.states.has(path)).toBe(true);
  });
});
