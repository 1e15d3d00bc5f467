import type { Configuration, ConfigurationByRole } from './configuration.ts';
import { type KeyName, type KeyValues, keysOf, reloadOf } from './keys.ts';
import type { Role } from './role.ts';
import { configurationBuilders } from './role-configurations.ts';

/**
 * Returns the configuration of a program that runs with `current` and has read `next`: the values of `next` for all keys that may
 * change at run time, those of `current` for the others.
 * @throws NavalisError `configuration` when the two do not fit together.
 */
export function configurationInEffect<R extends Role>(
  current: ConfigurationByRole[R],
  next: ConfigurationByRole[R],
): ConfigurationByRole[R] {
  const role = current.role as R;
  const kept = new Set<KeyName>(keptKeys(current, next));
  const values: Record<string, unknown> = {};
  for (const { name } of keysOf(role)) {
    const value = (kept.has(name) ? current : next).keyValues[name];
    if (value !== undefined) values[name] = value;
  }
  return withSecretsOf(current, configurationBuilders[role](values as Partial<KeyValues>), kept);
}

/** Returns the keys whose present values stay. */
function keptKeys(current: Configuration, next: Configuration): readonly KeyName[] {
  const names = keysOf(current.role)
    .filter((key) => reloadOf(key, current.role) === 'at-start')
    .map(({ name }) => name);
  // A server without secrets treats clients that send one differently from a server with secrets.
  const hasKeys = ({ keyValues }: Configuration) => keyValues['client-keys'] !== undefined;
  return hasKeys(current) === hasKeys(next) ? names : [...names, 'client-keys', 'require-secure'];
}

/** A file with secrets whose key stays is not read again. */
function withSecretsOf<R extends Role>(
  current: Configuration,
  built: ConfigurationByRole[R],
  kept: ReadonlySet<KeyName>,
): ConfigurationByRole[R] {
  const secretDigests = { ...built.secretDigests };
  for (const name of kept) {
    const digest = current.secretDigests[name];
    if (digest === undefined) delete secretDigests[name];
    else secretDigests[name] = digest;
  }
  const whole = { ...built, secretDigests } as Configuration;
  switch (whole.role) {
    case 'client':
      return withSecure(whole, current) as ConfigurationByRole[R];
    case 'host-relay': {
      const { client } = current as ConfigurationByRole['host-relay'];
      const own = whole.client && client && withSecure(whole.client, client);
      return { ...whole, client: own } as ConfigurationByRole[R];
    }
    case 'server': {
      if (!kept.has('client-keys')) return whole as ConfigurationByRole[R];
      const { clientKeys } = (current as ConfigurationByRole['server']).engine;
      return { ...whole, engine: { ...whole.engine, clientKeys } } as ConfigurationByRole[R];
    }
    case 'relay':
      return whole as ConfigurationByRole[R];
  }
}

function withSecure(built: ConfigurationByRole['client'], current: Configuration): ConfigurationByRole['client'] {
  const { secure } = (current as ConfigurationByRole['client']).engine;
  return { ...built, engine: { ...built.engine, secure } };
}
