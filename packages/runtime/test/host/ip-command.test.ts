import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requireIpCommand } from '../../src/host/commands/ip-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-ip-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A folder with a file of that name. */
function folderWith(name: string, mode: number): string {
  const folder = join(directory, `${name}-${mode}`);
  mkdirSync(folder);
  writeFileSync(join(folder, name), '');
  chmodSync(join(folder, name), mode);
  return folder;
}

describe('[RT-03] the command ip', () => {
  it('is found in any folder of the path', () => {
    const folders = [join(directory, 'none'), folderWith('other', 0o755), folderWith('ip', 0o755)];
    expect(() => requireIpCommand({ PATH: folders.join(':') })).not.toThrow();
  });

  it('is missing where no folder has it, or it cannot be run', () => {
    const missing = expect.objectContaining({
      code: 'command-failed',
      message: 'The command ip cannot be run: install the Debian package iproute2.',
    });
    expect(() => requireIpCommand({ PATH: join(directory, 'none') })).toThrow(missing);
    expect(() => requireIpCommand({ PATH: folderWith('ip', 0o644) })).toThrow(missing);
  });
});
