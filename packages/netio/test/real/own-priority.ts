import { release, setPriority } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { openLinuxNetio } from '../../src/index.ts';
import { ownScheduling, resetOwnScheduling, withoutCapabilities } from './test-kernel.ts';

const [major = 0, minor = 0] = release().split('.').map(Number);
const knowsTurns = major > 6 || (major === 6 && minor >= 12);
/** 0 on kernels without this setting. */
const shortTurnNs = knowsTurns ? 100_000n : 0n;

/** Tests the effect of the request on the scheduler. */
export function ownPriority(): void {
  describe('the priority of a data plane', () => {
    afterEach(resetOwnScheduling);

    const raise = () => {
      const netio = openLinuxNetio({ offload: false });
      netio.raiseOwnPriority();
      netio.close();
    };

    it('is a greater share, and time slices so short that others do not delay it', () => {
      raise();
      expect(ownScheduling()).toEqual({ niceness: -10, turnNs: shortTurnNs });
    });

    it('is limited without privileges, and keeps a niceness that others set', () => {
      setPriority(0, 5);
      withoutCapabilities(raise);
      expect(ownScheduling()).toEqual({ niceness: 5, turnNs: shortTurnNs });
    });
  });
}
