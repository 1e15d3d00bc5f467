import type { ClientConfiguration } from '@navalis/config';
import type { Time } from '../scheduling/time.ts';
import { diagnose } from './diagnose.ts';

/** Returns true if a client needs no TURN server: it gets an address with a port of this host, and no NAT is symmetric. Never rejects. */
export async function checkDirectWay(configuration: ClientConfiguration, time: Time): Promise<boolean> {
  const ignore = (): void => undefined;
  const options = { time, lifetimeLimitSeconds: 0, nativeTarget: undefined, symmetricNatSupport: false };
  try {
    const { verdict } = await diagnose(configuration, options, {
      resolved: ignore,
      stageDone: ignore,
      skipped: ignore,
    });
    return verdict.isUsable;
  } catch {
    // A name that does not resolve, or no route: the next check may find another network.
    return false;
  }
}
