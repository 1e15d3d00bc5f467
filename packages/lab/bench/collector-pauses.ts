import { writeFileSync } from 'node:fs';
import type { Laboratory } from '../src/laboratory.ts';

/** One stop of a thread by V8's garbage collector. */
export interface CollectorPause {
  readonly kind: string;
  readonly ms: number;
}

/**
 * A script to be loaded by every thread of a program (`--require` in NODE_OPTIONS): V8 then writes a line per collection. It
 * names threads by the address of their heap, so each thread prints its name at its start and runs a minor collection at once:
 * a full collection of the small heap would soon cause another one.
 */
export function traceScript(laboratory: Laboratory): string {
  const file = laboratory.file('trace-collector.cjs');
  writeFileSync(
    file,
    `const { threadId } = require('node:worker_threads');
     require('node:v8').setFlagsFromString('--trace-gc');
     require('node:v8').setFlagsFromString('--expose-gc');
     const collect = require('node:vm').runInNewContext('gc');
     require('node:fs').writeSync(1, '\\nheap of thread ' + threadId + '\\n');
     collect({ type: 'minor' });\n`,
  );
  return file;
}

/** Returns the collections of each thread that a program's output reports, from a position on. */
export function pausesIn(output: string, from: number = 0): ReadonlyMap<string, readonly CollectorPause[]> {
  const names = new Map<string, string>();
  const pauses = new Map<string, CollectorPause[]>();
  let announced: string | undefined;
  let position = 0;
  for (const line of output.split('\n')) {
    const isWanted = position >= from;
    position += line.length + 1;
    const thread = /^heap of thread (\d+)/.exec(line)?.[1];
    if (thread !== undefined) announced = thread === '0' ? 'main thread' : `thread ${thread}`;
    const [, heap, kind, ms] = /^\[\d+:(0x[0-9a-f]+)\]\s+\d+ ms: ([A-Za-z-]+).* MB, ([\d.]+) \//.exec(line) ?? [];
    if (heap === undefined) continue;
    if (announced !== undefined && line.includes('testing')) {
      names.set(heap, announced);
      pauses.set(announced, []);
      announced = undefined;
    } else if (isWanted) {
      pauses.get(names.get(heap) ?? '')?.push({ kind: kind!, ms: Number(ms) });
    }
  }
  return pauses;
}
