import { teredoPort } from '@navalis/address';
import type { CapturedDatagram } from './capture/udp-in-frame.ts';
import type { DatagramExplanation } from './datagram/explanation.ts';

/**
 * Returns true if a datagram is shown as Teredo: on Teredo's port always, elsewhere by its structure. An IPv6 packet alone may be
 * chance, so that on other ports an element of Teredo around it, a Teredo address or a bubble must show that it is none.
 */
export function isShown(explanation: DatagramExplanation, datagram: CapturedDatagram | undefined): boolean {
  if (datagram === undefined || datagram.sourcePort === teredoPort || datagram.destinationPort === teredoPort)
    return true;
  const { packet, origin, authentication, remainder } = explanation;
  if (packet === undefined) return false;
  const isMarked = origin !== undefined || authentication !== undefined || packet.kind === 'bubble';
  return isMarked ? remainder === undefined : isTeredoText(packet.source) || isTeredoText(packet.destination);
}

function isTeredoText(address: string): boolean {
  return address.startsWith('2001:0:') || address.startsWith('2001::');
}
