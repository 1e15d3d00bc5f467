import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { parseIpv6 } from '@navalis/address';
import type { Role } from '@navalis/config';
import { pageFile, pagePaths } from '@navalis/page';
import { createMetrics, type Metrics } from '@navalis/telemetry';
import { Hono } from 'hono';
import { isAtWork } from '../health/degraded-report.ts';
import { metricReasonsOf } from '../health/metric-reasons.ts';
import { isFromThisHost } from '../peers/local-requests.ts';
import type { PeerAccess } from '../peers/peer-access.ts';
import { readPeerQuery } from '../peers/peer-query.ts';
import { peersReport, withoutPeers } from '../peers/peers-report.ts';
import { readWatchRequest, watchStream } from '../peers/watch-stream.ts';
import { explanations } from './explanations.ts';
import type { RecentLines } from './recent-lines.ts';
import type { StatusReport } from './status-report.ts';

export interface StatusRoutesOptions {
  readonly role: Role;
  readonly version: string;
  /** Rejects while the program ends. */
  report(): Promise<StatusReport>;
  readonly lines: Pick<RecentLines, 'after'>;
  /** Returns the way to the peers; undefined while the role has none. */
  peerAccess(): PeerAccess | undefined;
}

/**
 * Returns the listener for `/status` (JSON), `/metrics` (Prometheus), `/health` (200 while the role works, else 503), `/events` (the
 * last lines of the log), `/peers` (a part of the peers), `/explanations` (the meaning of names in the others), and the page that shows
 * all of them.
 */
export function statusListener({ role, version, report, lines, peerAccess }: StatusRoutesOptions): RequestListener {
  let metrics: Promise<Metrics> | undefined;
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
  app.get('/status', async (context) => context.json(await report()));
  app.get('/metrics', async (context) => {
    metrics ??= createMetrics(role, version, metricReasonsOf(role));
    const { contentType, render } = await metrics;
    const { degraded = [], ...rest } = await report();
    const input = { ...rest, degraded: degraded.map(({ reason }) => reason) };
    return context.text(await render(input), 200, { 'Content-Type': contentType });
  });
  app.get('/health', async (context) => {
    const { state, waitingFor, evidence, degraded } = await report();
    const waiting = waitingFor && { waitingFor, ...(evidence !== undefined && { evidence }) };
    return context.json({ state, ...waiting, ...(degraded && { degraded }) }, isAtWork(state) ? 200 : 503);
  });
  app.get('/events', (context) => {
    const after = context.req.query('after') ?? '0';
    if (/^[0-9]{1,15}$/.test(after)) return context.json(lines.after(Number(after)));
    return context.json({ error: 'after takes the number of a line.' }, 400);
  });
  app.get('/peers', async (context) => {
    const query = readPeerQuery(context.req.query());
    if (typeof query === 'string') return context.json({ error: query }, 400);
    const page = role === 'server' ? undefined : await peerAccess()?.peers(query);
    return context.json(page === undefined ? withoutPeers(role) : peersReport(page));
  });
  for (const path of ['/ping', '/trace']) {
    app.get(path, async (context) => {
      const refuse = (error: string, status: 400 | 403 | 409) => context.json({ error }, status);
      if (!isFromThisHost(context.env.incoming)) return refuse(`${path} answers on the status socket only.`, 403);
      const access = role === 'server' ? undefined : peerAccess();
      const own = path === '/ping' ? await report() : undefined;
      const source = own?.address === undefined ? undefined : parseIpv6(own.address);
      if (role === 'server') return refuse('A server has no peers: run this at a client or relay.', 400);
      if (access === undefined || (own !== undefined && source === undefined)) {
        return refuse('The program has no address or data plane at present: see status.', 409);
      }
      const request = readWatchRequest(context.req.query(), source);
      if (typeof request === 'string') return refuse(request, 400);
      return context.body(watchStream(access, request), 200, { 'Content-Type': 'application/x-ndjson' });
    });
  }
  app.get('/explanations', (context) => context.json(explanations));
  for (const path of pagePaths) {
    app.get(path, (context) => {
      const { contentType, body } = pageFile(path)!;
      return context.body(body, 200, { 'Content-Type': contentType });
    });
  }
  app.notFound((context) => context.json({ error: 'There is no such path.' }, 404));
  app.onError((_, context) => context.json({ error: 'The program is ending.' }, 503));
  return getRequestListener(app.fetch) as RequestListener;
}
