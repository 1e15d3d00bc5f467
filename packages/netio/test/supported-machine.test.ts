import { describe, expect, it } from 'vitest';
import { type Machine, requireSupportedMachine } from '../src/kernel/supported-machine.ts';
import { errorOf } from './errors.ts';

const supported: Machine = { platform: 'linux', architecture: 'x64', endianness: 'LE' };

describe('requireSupportedMachine', () => {
  it('accepts Linux on x86-64 and arm64, and the machine of this test', () => {
    requireSupportedMachine(supported);
    requireSupportedMachine({ ...supported, architecture: 'arm64' });
    requireSupportedMachine();
  });

  it.each([
    { ...supported, platform: 'darwin' },
    { ...supported, architecture: 'ia32' },
    { ...supported, architecture: 'riscv64' },
    { ...supported, architecture: 'arm64', endianness: 'BE' },
  ])('refuses $platform on $architecture $endianness by name', (machine) => {
    const error = errorOf(() => requireSupportedMachine(machine));
    expect(error.code).toBe('machine-not-supported');
    expect(error.message).toContain(`this is ${machine.platform} on ${machine.architecture}`);
  });
});
