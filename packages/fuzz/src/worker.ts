import { parentPort, workerData } from 'node:worker_threads';
import { type Found, perform, tasks } from './campaign.ts';

export interface Share {
  readonly inputs: number;
  readonly stories: number;
  readonly seed: number;
  /** This worker does every task whose number leaves `part` when divided by `parts`. */
  readonly part: number;
  readonly parts: number;
}

export interface Progress {
  readonly inputs: number;
  readonly stories: number;
  readonly found?: Found;
}

const { inputs, stories, seed, part, parts } = workerData as Share;
let number = 0;
for (const task of tasks(inputs, stories, seed)) {
  if (number++ % parts !== part) continue;
  const found = perform(task);
  const progress: Progress = {
    inputs: task.kind === 'decoder' ? task.inputs : 0,
    stories: task.kind === 'story' ? 1 : 0,
    ...(found !== undefined && { found }),
  };
  parentPort!.postMessage(progress);
}
