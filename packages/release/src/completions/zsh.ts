import type { OptionText, ProgramText } from '../texts/program-text.ts';

/** Returns the completion of a program for zsh. */
export function zshCompletion({ name, commands, options }: ProgramText): string {
  const described = commands.map((command) => `    ${quote(`${command.name}:${command.summary}`)}\n`).join('');
  const all = options
    .flatMap(specifications)
    .map((each) => `  ${quote(each)} \\\n`)
    .join('');
  return `#compdef ${name}

local -a commands
commands=(
${described}  )

_arguments -S \\
${all}  '1:command:{_describe command commands}'
`;
}

/** Returns what _arguments needs for an option, and for its short form. */
function specifications({ name, short, placeholder, description, isRepeatable, proposal }: OptionText): string[] {
  const explanation = `[${description.replace(/[[\]\\]/g, '\\$&')}]`;
  const value = placeholder === undefined ? '' : `:${placeholder.replaceAll(':', '\\:')}:${action(proposal)}`;
  const long = `${isRepeatable ? '*' : ''}--${name}${placeholder === undefined ? '' : '='}${explanation}${value}`;
  return short === undefined ? [long] : [long, `-${short}${explanation}${value}`];
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
