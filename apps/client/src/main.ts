#!/usr/bin/env node
import { runProgram } from '@navalis/runtime';

await runProgram({
  role: 'client',
  description: 'Teredo client: a global IPv6 address behind an IPv4 NAT.',
  entry: import.meta.url,
});
