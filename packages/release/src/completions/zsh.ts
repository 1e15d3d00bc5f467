import type { OptionText, ProgramText } from '../texts/program-text.ts';

/** Returns the completion of a program for zsh. */
export function zshCompletion({ name, commands, options }: ProgramText): string {
  const described = commands.map((command) => `    ${quote(`${command.name}:${command.summary}`)}\n`).join('');
  const specifications = options.map((option) => `  ${quote(specification(option))} \\\n`).join('');
  return `#compdef ${name}

local -a commands
commands=(
${described}  )

_arguments -S \\
${specifications}  '1:command:{_describe command commands}'
`;
}

function specification({ name, placeholder, description, isRepeatable, proposal }: OptionText): string {
  const flag = `${isRepeatable ? '*' : ''}--${name}`;
  const explanation = `[${description.replace(/[[\]\\]/g, '\\$&')}]`;
  if (placeholder === undefined) return `${flag}${explanation}`;
  return `${flag}=${explanation}:${placeholder.replaceAll(':', '\\:')}:${action(proposal)}`;
}

function action(proposal: OptionText['proposal']): string {
  switch (proposal.kind) {
    case 'choices':
      return `(${proposal.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'interface':
      return '_net_interfaces';
    case 'none':
      return ' ';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
