// The load generator as a program: load-generator.js SETTINGS, as JSON. Takes orders as lines of JSON on standard input, and prints
// `figures` and what it has counted, as JSON, once a second and at the end. SIGTERM and SIGINT end it.
import { createInterface } from 'node:readline';
import type { LoadFigures } from './figures.ts';
import { Generator } from './generator.ts';
import type { LoadOrder, LoadSettings } from './settings.ts';

const generator = await Generator.open(JSON.parse(process.argv[2] ?? '') as LoadSettings);
const tell = (figures: LoadFigures) => process.stdout.write(`figures ${JSON.stringify(figures)}\n`);
const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => generator.order(JSON.parse(line) as LoadOrder));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => generator.order({ kind: 'stop' }));
const timer = setInterval(() => tell(generator.figures()), 1_000);
const last = await generator.run();
clearInterval(timer);
orders.close();
tell(last);
