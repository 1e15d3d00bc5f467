import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageFile, pageHeaders } from '../src/index.ts';
import { explanations, partOf, type Recorded, recordings } from './recorded.ts';

/** A server with the page and the recorded answers of a program. */
export interface RecordedServer {
  readonly url: string;
  /** The present answers of the program. */
  recorded: Recorded;
  /** The token that requests must carry. */
  token: string | undefined;
  /** Whether connections end without an answer. */
  isGone: boolean;
  close(): Promise<void>;
}

/** The mean of what is received. */
const packetsPerSecond = 420;

export async function startRecordedServer(): Promise<RecordedServer> {
  const server = createServer((request, response) => {
    if (state.isGone) {
      request.socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    const file = pageFile(pathname);
    if (file !== undefined) {
      response.writeHead(200, { 'Content-Type': file.contentType }).end(file.body);
      return;
    }
    const isAllowed = state.token === undefined || request.headers.authorization === `Bearer ${state.token}`;
    const answer = isAllowed ? factsAt(pathname, searchParams) : undefined;
    response.writeHead(!isAllowed ? 401 : answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  let asked = 0;
  const factsAt = (path: string, query: URLSearchParams): unknown => {
    const { status, lines, peers, isQuiet } = state.recorded;
    switch (path) {
      case '/status':
        return isQuiet ? status : { ...status, counters: grown(status.counters, asked++) };
      case '/explanations':
        return explanations;
      case '/events':
        return { events: lines.filter(({ number }) => number > Number(query.get('after'))), last: lines.length };
      case '/peers':
        return peers && partOf(peers, Number(query.get('limit')), query.get('after'));
      default:
        return undefined;
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: RecordedServer = {
    url: `http://127.0.0.1:${port}/`,
    recorded: recordings.healthy,
    token: undefined,
    isGone: false,
    close: () => closed(server),
  };
  return state;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Counters after a number of questions, one in 2 s, of steady traffic with slow and fast waves. */
function grown(counters: Recorded['status']['counters'], asked: number): Recorded['status']['counters'] {
  const seconds = 2 * asked;
  const packets = Math.round(packetsPerSecond * (seconds + 8 * Math.sin(seconds / 23) + 2 * Math.sin(seconds / 5.1)));
  return {
    ...counters,
    datagramsReceived: counters.datagramsReceived + packets,
    octetsReceived: counters.octetsReceived + packets * 1_160,
    datagramsSent: counters.datagramsSent + Math.round(packets * 0.55),
    octetsSent: counters.octetsSent + packets * 190,
  };
}
