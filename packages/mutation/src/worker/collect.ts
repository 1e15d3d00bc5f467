// Replaces vitest for test files while mutants run: it collects their tests instead of running them.
import { expect, vi } from 'vitest';

/** A test that can be run again and again. */
export interface CollectedTest {
  readonly name: string;
  readonly run: () => unknown;
}

interface Collector {
  readonly tests: CollectedTest[];
  readonly suites: string[];
}

// Modules are loaded again and again, and this one with them, so the collected tests are kept outside.
const place = globalThis as { navalisCollector?: Collector };

/** Starts a new list of tests, and returns it. */
export function startCollecting(): CollectedTest[] {
  const tests: CollectedTest[] = [];
  place.navalisCollector = { tests, suites: [] };
  return tests;
}

type Body = (...row: unknown[]) => unknown;

function addSuite(name: string, body: Body, ...row: unknown[]): void {
  const { suites } = place.navalisCollector!;
  suites.push(name);
  body(...row);
  suites.pop();
}

function addTest(name: string, body: Body, ...row: unknown[]): void {
  const { tests, suites } = place.navalisCollector!;
  tests.push({ name: [...suites, name].join(' > '), run: () => body(...row) });
}

type Add = (name: string, body: Body, ...row: unknown[]) => void;

interface Modified {
  (name: string, body: Body): void;
  each(table: readonly unknown[]): (name: string, body: Body) => void;
  skipIf(condition: unknown): (name: string, body: Body) => void;
  runIf(condition: unknown): (name: string, body: Body) => void;
}

function withModifiers(add: Add): Modified {
  const each = (table: readonly unknown[]) => (name: string, body: Body) => {
    for (const [index, row] of table.entries()) add(`${name} (${index})`, body, ...(Array.isArray(row) ? row : [row]));
  };
  const on = (name: string, body: Body) => add(name, body);
  const unless = (off: unknown) => (off ? () => {} : on);
  return Object.assign(on, { each, skipIf: unless, runIf: (condition: unknown) => unless(!condition) });
}

export const describe: Modified = withModifiers(addSuite);
export const it: Modified = withModifiers(addTest);
export { expect, vi };
