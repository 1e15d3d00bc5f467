import { parseIpv6 } from '@navalis/address';
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
