import type { OptionText, ProgramText } from '../texts/program-text.ts';

/** Returns the completion of a program for fish. */
export function fishCompletion({ name, commands, options }: ProgramText): string {
  const start = `complete -c ${name}`;
  const names = commands.map((command) => command.name).join(' ');
  return [
    `# fish completion for ${name}`,
    `${start} -f`,
    ...commands.map(
      (command) =>
        `${start} -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quote(command.summary)}`,
    ),
    ...options.map(
      (option) => `${start}${short(option)} -l ${option.name}${proposed(option)} -d ${quote(option.description)}`,
    ),
    '',
  ].join('\n');
}

function short(option: OptionText): string {
  return option.short === undefined ? '' : ` -s ${option.short}`;
}

function proposed({ placeholder, proposal }: OptionText): string {
  if (placeholder === undefined) return '';
  switch (proposal.kind) {
    case 'choices':
      return ` -x -a '${proposal.choices.join(' ')}'`;
    case 'file':
      return ' -r -F';
    case 'interface':
      return ' -x -a "(__fish_print_interfaces)"';
    case 'none':
      return ' -x';
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
