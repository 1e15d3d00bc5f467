import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { repositoryPath } from '../src/repository.ts';
import { judgeCapture } from '../src/traffic/capture.ts';
import { report } from './report.ts';

describe('the demo', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nvlab-demo-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  interface Demo {
    readonly process: ChildProcess;
    readonly output: () => string;
    readonly status: Promise<number | null>;
  }

  function startDemo(...flags: string[]): Demo {
    const child = spawn(process.execPath, [repositoryPath('packages/lab/dist/demo.js'), ...flags]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const status = once(child, 'close').then(([code]) => code as number | null);
    return { process: child, output: () => output, status };
  }

  function leftoversOf(pid: number | undefined): string[] {
    const folders = [...(existsSync('/run/netns') ? readdirSync('/run/netns') : []), ...readdirSync(tmpdir())];
    return folders.filter((name) => new RegExp(`^nvlab${pid}[a-z]+-`).test(name));
  }

  /** Resolves once the programs run. */
  async function untilStarted(demo: Demo): Promise<void> {
    while (!demo.output().includes('client-1 has its address')) {
      expect(demo.process.exitCode, demo.output()).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('shows everything, ends by itself with status 0 and leaves nothing; tshark finds no fault in its traffic', async () => {
    const file = join(folder, 'demo.pcapng');
    const started = performance.now();
    const demo = startDemo('--capture', file);
    const status = await demo.status;
    const output = demo.output();
    expect(status, output).toBe(0);
    report(`the demo took ${((performance.now() - started) / 1000).toFixed(1)} s`);
    expect(leftoversOf(demo.process.pid)).toEqual([]);
    expect(output).not.toContain('\u001b');
    expect(output.split('\n').filter((line) => line.length > 100)).toEqual([]);

    const { frames, teredoFrames, faults } = judgeCapture(file);
    report(`${frames} frames captured, ${teredoFrames} of them Teredo, ${faults.length} faulty`);
    expect(teredoFrames).toBeGreaterThan(1000);
    expect(faults).toEqual([]);
  }, 240_000);

  it('leaves nothing when a signal ends it early', async () => {
    const demo = startDemo();
    await untilStarted(demo);
    expect(leftoversOf(demo.process.pid)).not.toEqual([]);
    demo.process.kill('SIGTERM');
    expect(await demo.status).toBe(128 + 15);
    expect(leftoversOf(demo.process.pid)).toEqual([]);
  });

  it('the next laboratory removes its remains after it was killed', async () => {
    const demo = startDemo();
    await untilStarted(demo);
    demo.process.kill('SIGKILL');
    await demo.status;
    const namespaces = (): string[] => leftoversOf(demo.process.pid).filter((name) => existsSync(`/run/netns/${name}`));
    expect(namespaces()).not.toEqual([]);
    await new Laboratory().close();
    expect(leftoversOf(demo.process.pid)).toEqual([]);
  });
});
