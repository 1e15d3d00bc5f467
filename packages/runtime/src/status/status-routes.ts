import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Role } from '@navalis/config';
import { pageFile, pagePaths } from '@navalis/page';
import { createMetrics, type Metrics } from '@navalis/telemetry';
import type { PeerPage, PeerQuery } from '@navalis/traversal';
import { Hono } from 'hono';
import { isAtWork } from '../health/degraded-report.ts';
import { metricReasonsOf } from '../health/metric-reasons.ts';
import { readPeerQuery } from '../peers/peer-query.ts';
import { peersReport, withoutPeers } from '../peers/peers-report.ts';
import { explanations } from './explanations.ts';
import type { RecentLines } from './recent-lines.ts';
import type { StatusReport } from './status-report.ts';

export interface StatusRoutesOptions {
  readonly role: Role;
  readonly version: string;
  /** Rejects while the program ends. */
  report(): Promise<StatusReport>;
  readonly lines: Pick<RecentLines, 'after'>;
  /** Resolves with a page of the peers; undefined while the role has none. */
  peers(query: PeerQuery): Promise<PeerPage | undefined>;
}

/**
 * Returns the listener for `/status` (JSON), `/metrics` (Prometheus), `/health` (200 while the role works, else 503), `/events` (the
 * last lines of the log), `/peers` (a part of the peers), `/explanations` (the meaning of names in the others), and the page that shows
 * all of them.
 */
export function statusListener({ role, version, report, lines, peers }: StatusRoutesOptions): RequestListener {
  let metrics: Promise<Metrics> | undefined;
  const app = new Hono();
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
    const page = role === 'server' ? undefined : await peers(query);
    return context.json(page === undefined ? withoutPeers(role) : peersReport(page));
  });
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
