import type { OptionText, ProgramText } from '../texts/program-text.ts';

/** Returns the completion of a program for bash; it needs no library. */
export function bashCompletion({ name, commands, options }: ProgramText): string {
  const withValue = options.filter(({ placeholder }) => placeholder !== undefined);
  const identifier = `_${name.replaceAll('-', '_')}`;
  return `# bash completion for ${name}
${identifier}() {
  local word=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash takes --key=value as three words.
  if [[ $word == '=' ]]; then
    word=''
  elif [[ $flag == '=' ]]; then
    flag=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $flag in
${withValue.map(valueCase).join('')}  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '${options.flatMap(flagsOf).join(' ')}' -- "$word")
    return
  fi
  local index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${withValue.flatMap(flagsOf).join('|')}) ((index++)) ;;
      -*) ;;
      *) return ;;
    esac
  done
  mapfile -t COMPREPLY < <(compgen -W '${commands.map((command) => command.name).join(' ')}' -- "$word")
}
complete -F ${identifier} ${name}
`;
}

function flagsOf({ name, short }: OptionText): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function valueCase(option: OptionText): string {
  return `    ${flagsOf(option).join('|')})\n${proposed(option.proposal)}      return\n      ;;\n`;
}

function proposed(proposal: OptionText['proposal']): string {
  switch (proposal.kind) {
    case 'choices':
      return propose(`compgen -W '${proposal.choices.join(' ')}' -- "$word"`);
    case 'file':
      return `      compopt -o filenames\n${propose('compgen -f -- "$word"')}`;
    case 'interface':
      return propose('compgen -W "$(command ls /sys/class/net)" -- "$word"');
    case 'none':
      return '';
  }
}

function propose(command: string): string {
  return `      mapfile -t COMPREPLY < <(${command})\n`;
}
