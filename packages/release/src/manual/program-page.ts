import { controlSocketOf, defaultConfigurationPath, keysOf, type Role, roles } from '@navalis/config';
import { type OptionText, type ProgramText, programText } from '../texts/program-text.ts';
import { secretsOf } from '../texts/unit.ts';
import { sentence } from '../texts/wrap.ts';
import { exitStatuses } from './exit-statuses.ts';
import { mdocExample, mdocHead, mdocList, mdocText, mdocWord } from './mdoc.ts';

type Command = ProgramText['commands'][number];

/** Returns the manual page of a program, such as teredo-client(8), in mdoc. */
export function programPage(role: Role, date: Date): string {
  const program = programText(role);
  const { name, version } = program;
  const socket = keysOf(role)
    .find((key) => key.name === 'status-socket')!
    .defaultValue(role)!;
  const config = defaultConfigurationPath(role);
  const state = keysOf(role)
    .find((key) => key.name === 'state-directory')
    ?.defaultValue(role);
  return [
    mdocHead({ name, section: 8, version, date }),
    `.Sh NAME\n.Nm ${name}\n.Nd ${program.description}\n`,
    '.Sh SYNOPSIS\n.Nm\n.Op Ar command\n.Op Ar options\n',
    `.Sh DESCRIPTION\n.Nm\nis one of the four programs of Navalis, a Teredo suite:\n`,
    mdocText('IPv6 over UDP through IPv4 NATs.'),
    mdocText('Without a command, the program runs until SIGTERM or SIGINT, and removes what it set up.'),
    `.Ss Commands\n`,
    mdocList(program.commands.map((command) => ({ tag: commandTag(command), text: commandText(command) }))),
    `.Ss Options\n`,
    mdocText('Every key of the configuration is an option, too, and options override the file.'),
    `.Xr ${name}.toml 5\nexplains the values.\n`,
    mdocText('An option that takes a list is repeated, or takes values separated by commas.'),
    mdocList(
      program.options.map((option) => ({ tag: optionTag(option), text: mdocText(sentence(option.description)) })),
    ),
    `.Ss Signals\n`,
    mdocList([
      { tag: 'Dv SIGTERM , SIGINT', text: mdocText('End the program.') },
      {
        tag: 'Dv SIGHUP',
        text: mdocText('Makes the program read its configuration again. The log tells what takes effect.'),
      },
    ]),
    '.Sh FILES\n',
    mdocList([
      { tag: `Pa ${config}`, text: `The configuration, see\n.Xr ${name}.toml 5 .\n` },
      ...secretsOf(role).map(({ path }) => ({
        tag: `Pa ${path}`,
        text: mdocText('A secret, for root only; the systemd unit hands it to the program if a key names it.'),
      })),
      ...(state === undefined
        ? []
        : [{ tag: `Pa ${state}`, text: mdocText('The directory for the state that survives a restart.') }]),
      { tag: `Pa ${socket}`, text: mdocText('The socket that answers status and peers, for every user.') },
      {
        tag: `Pa ${controlSocketOf(socket)}`,
        text: mdocText('The socket for ping and trace, for root and the user and group of the program.'),
      },
    ]),
    '.Sh EXIT STATUS\n',
    mdocList(
      exitStatuses(role).map(({ status, meaning }) => ({ tag: `Er ${status}`, text: mdocText(sentence(meaning)) })),
    ),
    '.Sh EXAMPLES\n',
    mdocText('Check the configuration, start the service, and ask it for its state:'),
    mdocExample([`${name} check`, `systemctl enable --now ${name}`, `${name} status`]),
    '.Sh SEE ALSO\n',
    references(name),
    '.Sh STANDARDS\n',
    mdocText('RFC 4380, RFC 5991 and RFC 6081.'),
  ].join('');
}

function commandTag({ name, operands }: Command): string {
  return [`Cm ${name}`, ...operands.map((each) => `Ar ${mdocWord(each.name)}`)].join(' ');
}

function commandText({ summary, operands }: Command): string {
  const rest = operands.map((each) => mdocText(sentence(`${each.name}: ${each.summary}`)));
  return [mdocText(sentence(summary)), ...rest].join('');
}

function optionTag({ name, short, placeholder }: OptionText): string {
  const flag = `${short === undefined ? '' : `Fl ${short} , `}Fl \\-${mdocWord(name)}`;
  return placeholder === undefined ? flag : `${flag} Ar ${mdocWord(placeholder)}`;
}

function references(name: string): string {
  const others = roles.map((role) => programText(role).name).filter((other) => other !== name);
  const pages = [`${name}.toml 5`, ...others.map((other) => `${other} 8`)].sort(bySection);
  return pages.map((page, index) => `.Xr ${page}${index < pages.length - 1 ? ' ,' : ''}\n`).join('');
}

/** mandoc wants the references in this order. */
function bySection(one: string, other: string): number {
  return one.slice(-1).localeCompare(other.slice(-1)) || one.localeCompare(other);
}
