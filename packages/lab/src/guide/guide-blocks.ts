import { readFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';
import { repositoryPath } from '../repository.ts';

/** Commands of the guide, and the machine to run them on. */
export interface GuideBlock {
  /** As the page says in `<!-- on: NAME -->` above the block. */
  readonly machine: string;
  readonly commands: string;
}

/** The documentation prefix of the guide, and the prefix that it becomes in the laboratory: see `address-plan.ts`. */
const prefixes = ['2001:db8:0:', '2d00:0:0:'] as const;

/**
 * Returns the shell commands of a page between two headings, in order. Each block says where it runs.
 * @throws LabError for a block that does not say so.
 */
export function guideBlocks(page: string, heading: string): readonly GuideBlock[] {
  const text = readFileSync(repositoryPath(page), 'utf8');
  const [, section] = text.split(`\n## ${heading}\n`);
  if (section === undefined) throw new LabError(`${page} has no heading "${heading}".`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/(?:<!-- on: (\w+) -->\n)?```sh\n(.*?)```/gs)].map(([block, machine, commands = '']) => {
    if (machine === undefined) throw new LabError(`${page} does not say where this runs: ${block}`);
    return { machine, commands: commands.replaceAll(...prefixes) };
  });
}
