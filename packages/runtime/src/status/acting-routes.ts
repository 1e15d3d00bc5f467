import type { IncomingMessage } from 'node:http';
import { parseIpv6 } from '@navalis/address';
import type { Role } from '@navalis/config';
import type { Context, Hono } from 'hono';
import type { PeerAccess } from '../peers/peer-access.ts';
import { mostWatches } from '../peers/peer-watch.ts';
import { readWatchRequest, watchStream } from '../peers/watch-stream.ts';
import { CountedWatches } from './guard/counted-watches.ts';
import type { StatusReport } from './status-report.ts';

/** The request as Node has it. */
interface StatusBindings {
  Bindings: { readonly incoming: IncomingMessage };
}

export type StatusApp = Hono<StatusBindings>;

export interface ActingRoutesOptions {
  readonly role: Role;
  /** Rejects while the program ends. */
  report(): Promise<StatusReport>;
  /** Returns the way to the peers; undefined while the role has none. */
  peerAccess(): PeerAccess | undefined;
}

type Refusal = readonly [error: string, status: 400 | 403 | 405 | 409 | 429];

/** A browser sends this header for no page of another site, unless the server agreed, which this one does not. */
const controlHeader = 'navalis-control';

/**
 * Adds `/ping` and `/trace`, which make the program send or follow packets. They are served on the control socket only, to GET with a
 * header of their own, and for a bounded number of peers at once.
 */
export function addActingRoutes(
  app: StatusApp,
  { role, report, peerAccess }: ActingRoutesOptions,
  mayAct: boolean,
): void {
  const watches = new CountedWatches();
  for (const path of ['/ping', '/trace']) {
    app.get(path, async (context) => {
      const refuse = ([error, status]: Refusal) => context.json({ error }, status);
      const refusal = refusalOf(context, path, mayAct);
      if (refusal !== undefined) return refuse(refusal);
      if (role === 'server') return refuse(['A server has no peers: run this at a client or relay.', 400]);
      const access = peerAccess();
      const own = path === '/ping' ? await report() : undefined;
      const source = own?.address === undefined ? undefined : parseIpv6(own.address);
      if (access === undefined || (own !== undefined && source === undefined)) {
        return refuse(['The program has no address or data plane at present: see status.', 409]);
      }
      const request = readWatchRequest(context.req.query(), source);
      if (typeof request === 'string') return refuse([request, 400]);
      const unanswered = request.ping && (await access.refusePing?.(request.peer, request.ping.source));
      if (unanswered !== undefined) return refuse([unanswered, 400]);
      if (watches.isFull) {
        return refuse([`The program follows ${mostWatches} peers already: end another ping or trace first.`, 429]);
      }
      const { socket } = context.env.incoming;
      const stream = watchStream(watches.over(access), request, socket);
      return context.body(stream, 200, { 'Content-Type': 'application/x-ndjson' });
    });
  }
}

function refusalOf({ req }: Context<StatusBindings>, path: string, mayAct: boolean): Refusal | undefined {
  if (!mayAct) return [`${path} answers on the control socket only, which needs root or the program's group.`, 403];
  // A HEAD request would begin a watch that nobody reads.
  if (req.method !== 'GET') return [`${path} takes GET only.`, 405];
  if (req.header(controlHeader) === undefined)
    return [`${path} takes requests with the header "Navalis-Control: 1".`, 403];
  return undefined;
}
