#!/usr/bin/env node
import { ClientControl, runProgram } from '@navalis/runtime';

await runProgram({
  role: 'client',
  description: 'Teredo client: a global IPv6 address behind an IPv4 NAT.',
  entry: import.meta.url,
  createControl: (configuration, context) => new ClientControl(configuration, context),
});
