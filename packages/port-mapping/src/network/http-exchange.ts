import { request as httpRequest, type IncomingMessage } from 'node:http';
import { formatIpv4 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { MappingDropReason } from '../codec/answer-drop.ts';
import type { Gateway, NetworkParts } from './network.ts';

/** A request to the router over HTTP. */
export interface HttpExchange {
  readonly gateway: Gateway;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The text of an answer: of a page, or of a fault (UPnP reports faults with status 500). */
export interface HttpAnswer {
  readonly text: string;
}

/** Our choices: descriptions of real routers have up to some 20,000 octets. */
const longestOctets = 65_536;
const longestHeaderOctets = 8_192;
const limitMs: Milliseconds = 2_000;

/**
 * Asks the router over HTTP. The connection goes to the router's own address whatever the answer says: redirects are not
 * followed. Octets and time are bounded. Resolves with undefined when the router does not answer; drops are counted. Never
 * rejects.
 */
export function exchangeOverHttp(
  exchange: HttpExchange,
  { time, drops }: Pick<NetworkParts, 'time' | 'drops'>,
): Promise<HttpAnswer | undefined> {
  const { gateway, port, path, method, headers = {}, body, signal } = exchange;
  return new Promise((resolve) => {
    let hasAnswered = false;
    let isOver = false;
    const over = (answer?: HttpAnswer) => {
      if (isOver) return;
      isOver = true;
      cancel();
      request.destroy();
      resolve(answer);
    };
    const dropped = (reason: MappingDropReason) => {
      if (!isOver) drops.drop(reason);
      over();
    };
    const request = httpRequest({
      host: formatIpv4(gateway.address),
      localAddress: formatIpv4(gateway.local),
      port,
      path,
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }) },
      agent: false,
      maxHeaderSize: longestHeaderOctets,
      signal,
    });
    // From the request to the last octet.
    const cancel = time.after(limitMs, () => (hasAnswered ? dropped('mapping-too-slow') : over()));
    request.on('error', (error) => {
      // A connection that fails is no answer.
      if (errorCode(error).startsWith('HPE_'))
        dropped(errorCode(error) === 'HPE_HEADER_OVERFLOW' ? 'mapping-too-long' : 'mapping-malformed');
      else over();
    });
    request.on('socket', (socket) => {
      socket.on('data', () => {
        hasAnswered = true;
      });
    });
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      if (statusCode >= 300 && statusCode < 400) dropped('mapping-redirect');
      else if (statusCode !== 200 && statusCode !== 500) dropped('mapping-malformed');
      else readText(response, over, dropped);
    });
    request.end(body);
  });
}

function readText(
  response: IncomingMessage,
  done: (answer: HttpAnswer) => void,
  dropped: (reason: MappingDropReason) => void,
): void {
  const parts: Buffer[] = [];
  let length = 0;
  response.on('data', (part: Buffer) => {
    length += part.length;
    if (length > longestOctets) dropped('mapping-too-long');
    else parts.push(part);
  });
  response.on('error', () => dropped('mapping-malformed'));
  response.on('end', () => done({ text: Buffer.concat(parts).toString('utf8') }));
}

function errorCode(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
