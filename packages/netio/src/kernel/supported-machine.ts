import { endianness } from 'node:os';
import { NavalisError } from '@navalis/engine';
import type { DeviceErrorCode } from '../device-error-code.ts';

export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  readonly endianness: string;
}

/** The layouts of the kernel's structures in this package are those of 64-bit little-endian Linux. */
export function requireSupportedMachine(machine: Machine = thisMachine()): void {
  const { platform, architecture } = machine;
  if (platform === 'linux' && (architecture === 'x64' || architecture === 'arm64') && machine.endianness === 'LE') {
    return;
  }
  throw new NavalisError<DeviceErrorCode>(
    'machine-not-supported',
    `Navalis runs on Linux on x86-64 and little-endian arm64, and this is ${platform} on ${architecture} ` +
      `(${machine.endianness}).`,
  );
}

function thisMachine(): Machine {
  return { platform: process.platform, architecture: process.arch, endianness: endianness() };
}
