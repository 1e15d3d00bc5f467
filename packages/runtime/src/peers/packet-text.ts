import { explainDatagram } from '@navalis/decode';
import type { TracedEvent, WatchEvent } from './peer-watch.ts';

/** Returns the event with a text in place of octets. */
export function explained(event: TracedEvent): WatchEvent {
  if (!('packet' in event)) return event;
  const { packet } = event;
  return { ...event, packet: typeof packet === 'string' ? packet : packetText(packet) };
}

function packetText(octets: Uint8Array): string {
  const { packet, trailers = [], dropReason } = explainDatagram(octets);
  if (packet === undefined) return `malformed (${dropReason})`;
  const names = trailers.map(({ name }) => name.replaceAll('-', ' ')).join(', ');
  return `${packet.kind.replaceAll('-', ' ')}${names === '' ? '' : ` with ${names}`}`;
}
