import { release, setPriority } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { openLinuxNetio } from '../../src/index.ts';
import { ownScheduling, withoutCapabilities } from './test-kernel.ts';

const [major = 0, minor = 0] = release().split('.').map(Number);
const knowsTurns = major > 6 || (major === 6 && minor >= 12);

/** What the scheduler makes of the wish. */
export function ownPriority(): void {
  describe('the priority of a data plane', () => {
    afterEach(() => setPriority(0, 0));

    const raise = () => {
      const netio = openLinuxNetio({ offload: false });
      netio.raiseOwnPriority();
      netio.close();
    };

    it('is a greater share, and turns so short that others do not hold it up', () => {
      raise();
      expect(ownScheduling().niceness).toBe(-10);
      if (knowsTurns) expect(ownScheduling().turnNs).toBe(100_000n);
    });

    it('is what it may be without privileges, and a niceness that others chose stays', () => {
      setPriority(0, 5);
      withoutCapabilities(raise);
      expect(ownScheduling().niceness).toBe(5);
    });
  });
}
