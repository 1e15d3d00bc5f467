import { controlLengthOffset, messageHeaderOctets, messageLengthOffset } from './headers';
import { channelPrefix, isOfChannel, standsInRun } from './leading-run';
import { sameAddresses } from './same-addresses';

/**
 * Returns how many of `count` messages of one `recvmmsg` make one run with the one at `index`: those after it that, like
 * it, are one datagram from the same endpoint, of the same length but for a shorter last one, and hold one IPv6 packet and
 * nothing else, from the same source to the same destination; or that packet as ChannelData of the same channel.
 *
 * The `struct mmsghdr` are at `headers` and following, their `struct sockaddr_in`, 16 octets each, at `names`, and what
 * was received at `slots`, `slotStride` octets apart. A message with a control message is a bundle, and stands alone.
 */
export function leadingMessages(headers: u32, names: u32, slots: u32, slotStride: u32, index: u32, count: u32): u32 {
  const slot = slots + index * slotStride;
  const length = lengthOf(headers, index);
  const prefix = channelPrefix(slot, length);
  const first = slot + prefix;
  if (isBundle(headers, index) || !standsInRun(first, length - prefix)) return 1;
  const endpoint = endpointOf(names, index);
  let next = index + 1;
  for (let shorter = false; next < count && !shorter; next++) {
    const at = slots + next * slotStride;
    const octets = lengthOf(headers, next);
    if (octets > length || isBundle(headers, next) || endpointOf(names, next) !== endpoint) break;
    if (prefix !== 0 && !isOfChannel(slot, at, octets)) break;
    if (!standsInRun(at + prefix, octets - prefix) || !sameAddresses(first, at + prefix)) break;
    shorter = octets < length;
  }
  return next - index;
}

function lengthOf(headers: u32, index: u32): u32 {
  return load<u32>(headers + index * messageHeaderOctets + messageLengthOffset);
}

function isBundle(headers: u32, index: u32): bool {
  return load<u64>(headers + index * messageHeaderOctets + controlLengthOffset) !== 0;
}

/** Family, port and address: the rest of the structure is padding. */
function endpointOf(names: u32, index: u32): u64 {
  return load<u64>(names + index * 16);
}
