import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { isPagePath, pageFile, pagePaths } from '@navalis/page';
import { createMetrics } from '@navalis/telemetry';
import { Hono } from 'hono';
import { healthOf } from '../health/degraded-report.ts';
import { metricReasonsOf } from '../health/metric-reasons.ts';
import { NavalisError } from '../navalis-error.ts';
import { readPeerQuery } from '../peers/peer-query.ts';
import { peersReport, withoutPeers } from '../peers/peers-report.ts';
import { once } from '../scheduling/once.ts';
import { WallOrigin } from '../scheduling/time.ts';
import { type ActingRoutesOptions, addActingRoutes, type StatusApp } from './acting-routes.ts';
import { explanationsOf } from './explanations.ts';
import { BoundedQueue } from './guard/bounded-queue.ts';
import { guarded } from './guard/guarded.ts';
import type { RequestAccess } from './guard/request-guard.ts';
import type { RecentLines } from './recent-lines.ts';

export interface StatusRoutesOptions extends ActingRoutesOptions {
  readonly version: string;
  readonly lines: Pick<RecentLines, 'after'>;
}

/** The requests that an address of the status server serves. */
export interface ListenerAccess extends Omit<RequestAccess, 'isPublic'> {
  /** Whether it serves the requests that make the program send, or that follow packets. */
  readonly mayAct: boolean;
}

/** Returns a function that makes the listener of an address. */
export function guardedRoutes(
  options: StatusRoutesOptions,
  failed: (path: string, error: Error) => void,
): (access: ListenerAccess) => RequestListener {
  const [acting, reading] = [true, false].map((mayAct) => statusListener(options, { mayAct, failed }));
  return ({ mayAct, ...access }) => guarded(mayAct ? acting! : reading!, { ...access, isPublic: isPagePath });
}

/**
 * Returns the listener for `/status` (JSON), `/metrics` (Prometheus), `/health` (200 while the role works, else 503), `/events` (the
 * last lines of the log), `/peers` (a part of the peers), `/explanations` (the meaning of names in the others), and the page that shows
 * all of them; and, if it may act, for `/ping` and `/trace`.
 */
function statusListener(
  { role, version, report, lines, peerAccess }: StatusRoutesOptions,
  { mayAct, failed }: { readonly mayAct: boolean; readonly failed: (path: string, error: Error) => void },
): RequestListener {
  const metricsOnce = once(() => createMetrics(role, version, metricReasonsOf(role)));
  const app: StatusApp = new Hono();
  const peerPages = new BoundedQueue();
  const origin = new WallOrigin();
  app.get('/status', async (context) => context.json(await report()));
  app.get('/metrics', async (context) => {
    const { contentType, render } = await metricsOnce();
    const { degraded = [], ...rest } = await report();
    const input = { ...rest, startedAtMs: origin.read(), degraded: degraded.map(({ reason }) => reason) };
    return context.text(await render(input), 200, { 'Content-Type': contentType });
  });
  app.get('/health', async (context) => {
    const { body, isHealthy } = healthOf(await report());
    return context.json(body, isHealthy ? 200 : 503);
  });
  app.get('/events', (context) => {
    const after = context.req.query('after') ?? '0';
    if (/^[0-9]{1,15}$/.test(after)) return context.json(lines.after(Number(after)));
    return context.json({ error: 'after takes the number of a line.' }, 400);
  });
  app.get('/peers', async (context) => {
    const query = readPeerQuery(context.req.query());
    if (typeof query === 'string') return context.json({ error: query }, 400);
    const access = role === 'server' ? undefined : peerAccess();
    if (access === undefined) return context.json(withoutPeers(role));
    const { socket } = context.env.incoming;
    const asked = peerPages.run(
      () => socket.destroyed,
      () => access.peers(query),
    );
    if (asked === 'full') return context.json({ error: 'Too many requests for peers wait: ask again later.' }, 503);
    const page = await asked;
    return context.json(page === undefined ? withoutPeers(role) : peersReport(page));
  });
  addActingRoutes(app, { role, report, peerAccess }, mayAct);
  app.get('/explanations', (context) => context.json(explanationsOf(role)));
  for (const path of pagePaths) {
    app.get(path, (context) => {
      const { contentType, body } = pageFile(path)!;
      return context.body(body, 200, { 'Content-Type': contentType });
    });
  }
  app.notFound((context) => context.json({ error: 'There is no such path.' }, 404));
  app.onError((error, context) => {
    if (error instanceof NavalisError && error.code === 'not-running') {
      return context.json({ error: 'The program is ending.' }, 503);
    }
    failed(context.req.routePath, error);
    return context.json({ error: 'The program failed to answer; its log has the reason.' }, 500);
  });
  return getRequestListener(app.fetch) as RequestListener;
}
