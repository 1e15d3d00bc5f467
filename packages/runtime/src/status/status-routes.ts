import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { peerPathKinds } from '@navalis/engine';
import { createMetrics, type Metrics } from '@navalis/telemetry';
import { Hono } from 'hono';
import { degradationReasonsOf } from '../health/degradation-reasons.ts';
import { isAtWork } from '../health/degraded-report.ts';
import { waitingReasons } from '../waiting/needs.ts';
import type { StatusReport } from './status-report.ts';

export interface StatusRoutesOptions {
  readonly role: string;
  readonly version: string;
  /** Rejects while the program ends. */
  report(): Promise<StatusReport>;
}

/** Returns the listener for `/status` (JSON), `/metrics` (Prometheus) and `/health` (200 while the role works, else 503). */
export function statusListener({ role, version, report }: StatusRoutesOptions): RequestListener {
  let metrics: Promise<Metrics> | undefined;
  const app = new Hono();
  app.get('/status', async (context) => context.json(await report()));
  app.get('/metrics', async (context) => {
    metrics ??= createMetrics(role, version, {
      degraded: degradationReasonsOf(role),
      waiting: waitingReasons,
      paths: role === 'server' ? [] : peerPathKinds,
    });
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
  app.onError((_, context) => context.json({ error: 'The program is ending.' }, 503));
  return getRequestListener(app.fetch) as RequestListener;
}
