import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { roles } from '@navalis/config';
import { repositoryPath } from './repository.ts';
import { sharedFiles } from './texts/files.ts';

for (const role of roles) {
  for (const [path, text] of Object.entries(sharedFiles(role, new Date()))) {
    const file = repositoryPath(`dist-packages/share/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
