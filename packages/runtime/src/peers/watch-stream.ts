import type { Socket } from 'node:net';
import { formatIpv6, type Ipv6Value, parseIpv6 } from '@navalis/address';
import { hostTime, isoTime } from '../scheduling/time.ts';
import { explained } from './packet-text.ts';
import type { PeerAccess } from './peer-access.ts';
import type { PingRequest, TracedEvent, WatchRequest } from './peer-watch.ts';

/** Our choice: events that wait for a slow reader; the others are counted. */
const mostWaiting = 1000;
/** Our choice: an empty line as often keeps the connection of a silent watch open. */
const aliveMs = 5_000;
const mostPings = 100_000;

/** Reads the parameters of `/trace` or `/ping`; returns a sentence if one is not allowed. */
export function readWatchRequest(
  { address = '', count: countText }: { readonly address?: string; readonly count?: string },
  source: Ipv6Value | undefined,
): WatchRequest | string {
  const peer = parseIpv6(address);
  if (peer === undefined) return 'address must be an IPv6 address.';
  if (source === undefined) return { peer };
  const count = countText === undefined ? undefined : Number(countText);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= mostPings)) {
    return `count must be a whole number from 1 to ${mostPings}.`;
  }
  const ping: PingRequest = { source, count };
  return { peer, ping };
}

/** The connection over which the events leave. */
type WatchConnection = Pick<Socket, 'destroyed' | 'once' | 'off'>;

/**
 * Returns the events of a watch as lines of JSON, until it is done, the data plane ends or the connection closes. The latter is looked at
 * itself, since nobody tells a stream that no answer took.
 */
export function watchStream(
  access: Pick<PeerAccess, 'watchPeer'>,
  request: WatchRequest,
  connection: WatchConnection,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let leftOut = 0;
  let isOver = false;
  let endWatch = () => {};
  let endAlive = () => {};
  /** Ends the watch, once. */
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    connection.off('close', end);
    endAlive();
    endWatch();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const put = (line: string): void => controller.enqueue(encoder.encode(`${line}\n`));
        const finish = (): void => {
          if (isOver) return;
          end();
          controller.close();
        };
        put(JSON.stringify({ at: isoTime(hostTime.wall()), kind: 'watching', address: formatIpv6(request.peer) }));
        connection.once('close', end);
        endAlive = hostTime.every(aliveMs, () => {
          if ((controller.desiredSize ?? 0) > 0) put('');
        });
        const endStarted = access.watchPeer(request, {
          event(event: TracedEvent, atMs: number) {
            if (isOver) return;
            const isLast = event.kind === 'done';
            if (!isLast && (controller.desiredSize ?? 0) <= 1) {
              leftOut += 1;
              return;
            }
            const at = isoTime(atMs);
            if (leftOut > 0) put(JSON.stringify({ at, kind: 'left-out', count: leftOut }));
            leftOut = 0;
            put(JSON.stringify({ at, ...explained(event) }));
            if (isLast) finish();
          },
          ended: finish,
        });
        endWatch = endStarted;
        // It may be over already.
        if (isOver) endStarted();
        else if (connection.destroyed) end();
      },
      cancel: end,
    },
    { highWaterMark: mostWaiting },
  );
}
