import { fileURLToPath } from 'node:url';
import { renderApiReference } from './api-reference.ts';
import { repositoryRoot } from './published-packages.ts';

const out = fileURLToPath(new URL('docs/api', repositoryRoot));
const warnings = await renderApiReference(out);
for (const warning of warnings) process.stderr.write(`${warning}\n`);
process.stdout.write(`The API reference is in ${out}.\n`);
process.exitCode = warnings.length > 0 ? 1 : 0;
