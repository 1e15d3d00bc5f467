#!/usr/bin/env node
import { runProgram } from '@navalis/runtime';

await runProgram({
  role: 'host-relay',
  description: 'Teredo host-specific relay: lets this IPv6 host talk to Teredo clients directly.',
  entry: import.meta.url,
});
