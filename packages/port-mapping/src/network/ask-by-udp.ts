import { createSocket, type Socket } from 'node:dgram';
import { formatIpv4, type Ipv4Endpoint, parseIpv4 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import type { Gateway, NetworkParts } from './network.ts';

/** A question to a router, and how to read the answer. */
export interface UdpQuestion<Answer extends object> {
  readonly gateway: Gateway;
  /** The sockets that get each request, with the requests themselves. */
  readonly requests: readonly { readonly to: Ipv4Endpoint; readonly octets: Uint8Array }[];
  /** When to send the requests, from now; an answer ends that. */
  readonly sendAtMs: readonly Milliseconds[];
  /** When to give up. */
  readonly limitMs: Milliseconds;
  /** The port that answers come from; undefined: any. */
  readonly answerPort: number | undefined;
  readonly read: (octets: Uint8Array) => Answer | MappingDropReason;
  readonly signal: AbortSignal;
}

/** Our choice: so many datagrams are read while a question waits; each wrong one costs microseconds. */
const mostDatagrams = 4_096;

/**
 * Sends requests from the host's address towards the router until the router answers. Only the router's own address counts
 * as a sender. Resolves with undefined when there is no answer in time, or the signal aborts. Never rejects.
 */
export function askByUdp<Answer extends object>(
  question: UdpQuestion<Answer>,
  { time, drops }: Pick<NetworkParts, 'time' | 'drops'>,
): Promise<Answer | undefined> {
  const { gateway, requests, sendAtMs, limitMs, answerPort, read, signal } = question;
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const timers: (() => void)[] = [];
    let isOver = false;
    let datagrams = 0;
    const end = (answer?: Answer) => {
      if (isOver) return;
      isOver = true;
      for (const cancel of timers) cancel();
      signal.removeEventListener('abort', abort);
      socket.close();
      resolve(answer);
    };
    const abort = () => end();
    // Without a way to the router there is no answer either.
    socket.on('error', () => end());
    socket.on('message', (octets, { address, port }) => {
      if (isOver) return;
      datagrams += 1;
      if (datagrams > mostDatagrams) {
        drops.drop('mapping-too-many-answers');
        end();
      } else if (parseIpv4(address) !== gateway.address || (answerPort !== undefined && port !== answerPort)) {
        drops.drop('mapping-other-source');
      } else {
        const answer = read(octets);
        if (typeof answer === 'string') drops.drop(answer);
        else end(answer);
      }
    });
    if (signal.aborted) {
      end();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    timers.push(time.after(limitMs, () => end()));
    const send = () => {
      for (const { to, octets } of requests) sendQuietly(socket, octets, to);
    };
    socket.bind({ address: formatIpv4(gateway.local), port: 0 }, () => {
      if (isOver) return;
      useLink(socket, gateway);
      for (const delayMs of sendAtMs) {
        if (delayMs === 0) send();
        else timers.push(time.after(delayMs, send));
      }
    });
  });
}

/** Multicast leaves through the link of the route in use and no other. */
function useLink(socket: Socket, { local }: Gateway): void {
  try {
    socket.setMulticastInterface(formatIpv4(local));
  } catch {
    // The interface has gone: the request fails as well, and nothing answers.
  }
}

function sendQuietly(socket: Socket, octets: Uint8Array, to: Ipv4Endpoint): void {
  // A request that cannot be sent gets no answer.
  socket.send(octets, to.port, formatIpv4(to.address), () => undefined);
}
