#!/usr/bin/env node
import { runProgram } from '@navalis/runtime';

await runProgram({
  role: 'server',
  description: 'Teredo server: configures clients and introduces them to each other.',
  entry: import.meta.url,
});
