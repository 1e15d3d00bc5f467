#!/usr/bin/env node
import { runProgram } from '@navalis/runtime';

await runProgram({
  role: 'relay',
  description: 'Teredo relay: a router between the IPv6 Internet and Teredo clients.',
  entry: import.meta.url,
});
