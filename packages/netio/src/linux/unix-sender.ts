import { NavalisError } from '@navalis/engine';
import type { DeviceErrorCode } from '../device-error-code.ts';
import { systemCallFailed } from '../device-errors.ts';
import { Arena } from '../kernel/arena.ts';
import * as linux from '../kernel/constants.ts';
import { openKernel } from '../kernel/system-calls.ts';

/** Sends datagrams to one Unix socket. For the control plane: each call allocates. */
export interface UnixSender {
  /**
   * Sends a text as one datagram, and never blocks.
   * @throws DeviceError `system-call-failed` if nobody listens, if the receiver's queue is full, or if the text is too long.
   */
  send(text: string): void;
}

/** The octets of `sun_path` in a `struct sockaddr_un`, behind the family. */
const longestPathOctets = 108;
const familyOctets = 2;

const addressOffset = 0;
const textOffset = 256;
const arenaOctets = 65_536;

/**
 * Returns a sender to the Unix datagram socket at a path, or at an abstract address, which begins with `@`. Node has no such
 * sockets.
 * @throws DeviceError `machine-not-supported`, `ffi-not-loadable`, or `configuration` for an address of another kind.
 */
export function openUnixSender(address: string): UnixSender {
  const { calls, koffi } = openKernel();
  const arena = new Arena(koffi, arenaOctets);
  const addressOctets = writeUnixAddress(arena, address);
  return {
    send(text) {
      const octets = Buffer.from(text);
      if (octets.length > arenaOctets - textOffset) {
        throw new NavalisError<DeviceErrorCode>('system-call-failed', 'The text is too long for one datagram.');
      }
      arena.bytes.set(octets, textOffset);
      const type = linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
      const descriptor = calls.socket(linux.AF_UNIX, type, 0);
      if (descriptor < 0) throw systemCallFailed('open a Unix socket', calls.errno());
      try {
        // For each datagram: the receiver may have made its socket again.
        if (calls.connect(descriptor, arena.address(addressOffset), addressOctets) < 0) {
          throw systemCallFailed(`reach the Unix socket ${address}`, calls.errno());
        }
        if (calls.write(descriptor, arena.address(textOffset), octets.length) < 0) {
          throw systemCallFailed(`send to the Unix socket ${address}`, calls.errno());
        }
      } finally {
        calls.close(descriptor);
      }
    },
  };
}

/** Writes a `struct sockaddr_un`; returns its length. A path ends with a zero octet, an abstract address begins with one. */
function writeUnixAddress(arena: Arena, address: string): number {
  const isAbstract = address.startsWith('@');
  const octets = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (!(isAbstract || address.startsWith('/')) || octets.length > longestPathOctets) {
    throw new NavalisError<DeviceErrorCode>(
      'configuration',
      `"${address}" is no address of a Unix socket: allowed are a path from the root, or "@" and an abstract name, of at ` +
        'most 107 octets.',
    );
  }
  arena.bytes.fill(0, addressOffset, textOffset);
  arena.uint16[addressOffset >>> 1] = linux.AF_UNIX;
  arena.bytes.set(octets, addressOffset + familyOctets);
  return familyOctets + octets.length;
}
