import { LabError } from '../../src/lab-error.ts';
import type { Role } from '../../src/programs/navalis.ts';
import type { SystemdMachine } from '../../src/systemd/systemd-machine.ts';
import { pathOf, type Way } from './ways.ts';

/** A machine with a program that runs. */
export interface Installed {
  readonly machine: SystemdMachine;
  readonly role: Role;
  /** The files of the machine before the installation. */
  readonly before: readonly string[];
}

/** Upgrades a program whose service is stopped or masked, and removes it and installs it again; it runs before and after. */
export async function exerciseStates(
  { machine, role }: Installed,
  way: Way,
  show: (text: string) => void,
): Promise<void> {
  const unit = `teredo-${role}`;
  const systemctl = (...args: readonly string[]) => machine.run('systemctl', [...args, unit], { timeoutMs: 60_000 });
  const expectState = async (when: string, active: string, file: string) => {
    const is = [await machine.property(role, 'ActiveState'), await machine.property(role, 'UnitFileState')];
    if (is.join() !== [active, file].join()) {
      throw new LabError(`${unit} is ${is.join(' and ')} ${when}, instead of ${active} and ${file}.`);
    }
  };
  await systemctl('stop');
  await way.install(machine, role);
  await expectState('after an upgrade while it was stopped', 'inactive', 'enabled');
  if (way.canBeMasked) {
    await systemctl('mask');
    await way.install(machine, role);
    await expectState('after an upgrade while it was masked', 'inactive', 'masked');
    await systemctl('unmask');
  }
  await systemctl('start');
  await way.remove(machine, role);
  const { stdout } = await machine.run(
    'sh',
    ['-c', `${pathOf(way)} cat /etc/navalis/${role}.toml; command -v ${unit}`],
    {
      tolerant: true,
    },
  );
  if (!stdout.includes(' = ') || stdout.includes('/bin/')) {
    throw new LabError(`The removal of ${unit} took its configuration, or left the program: ${stdout}`);
  }
  await way.install(machine, role);
  if (!way.comesBack) await systemctl('enable', '--now');
  await expectState('after its installation again', 'active', 'enabled');
  const states = way.canBeMasked ? 'stopped and masked' : 'stopped';
  show(`${unit}: stays ${states} through an upgrade, and works after removal and installation`);
}
