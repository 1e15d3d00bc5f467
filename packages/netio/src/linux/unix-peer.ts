import { Arena } from '../kernel/arena.ts';
import * as linux from '../kernel/constants.ts';
import { openKernel } from '../kernel/system-calls.ts';

/** `struct ucred`: process, user and group, 32 bits each. */
const credentialsOctets = 12;
const userWord = 1;
const lengthWord = 4;

/**
 * Returns a function that reads which user connected to a Unix socket, by the descriptor of the accepted connection; undefined for other
 * descriptors. Node does not tell it. For the control plane.
 * @throws DeviceError `machine-not-supported` or `ffi-not-loadable`.
 */
export function openUnixPeers(): (descriptor: number) => number | undefined {
  const { calls, koffi } = openKernel();
  const arena = new Arena(koffi, 1);
  return (descriptor) => {
    arena.uint32[lengthWord] = credentialsOctets;
    const [value, length] = [arena.address(0), arena.address(4 * lengthWord)];
    if (calls.getsockopt(descriptor, linux.SOL_SOCKET, linux.SO_PEERCRED, value, length) < 0) return undefined;
    return arena.uint32[lengthWord] === credentialsOctets ? arena.uint32[userWord] : undefined;
  };
}
