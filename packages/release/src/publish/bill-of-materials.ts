import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { roles as allRoles, type Role } from '@navalis/config';
import type { Architecture } from '../bundle/architecture.ts';
import { type Module, modulesOf } from '../bundle/modules.ts';
import { nodeVersion } from '../bundle/node.ts';
import { appManifest } from '../repository.ts';

/**
 * Returns a bill of materials (CycloneDX, JSON) of all that the packages of these programs contain: our modules, those of others, and
 * Node.
 */
export function billOfMaterials(
  date: Date,
  architectures: readonly Architecture[],
  roles: readonly Role[] = allRoles,
): string {
  const { version } = appManifest('client');
  const bom = new Models.Bom();
  bom.metadata.timestamp = date;
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, 'navalis', {
    version,
    bomRef: `navalis@${version}`,
  });
  const modules = new Map<string, Module>();
  for (const role of roles) {
    for (const architecture of architectures) {
      for (const each of modulesOf(role, architecture))
        modules.set(`${each.manifest.name}@${each.manifest.version}`, each);
    }
  }
  for (const { manifest } of modules.values()) bom.components.add(componentOf(manifest));
  bom.components.add(
    new Models.Component(Enums.ComponentType.Platform, 'node', {
      version: nodeVersion,
      bomRef: `node@${nodeVersion}`,
      purl: `pkg:github/nodejs/node@v${nodeVersion}`,
    }),
  );
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf({ name, version, license }: Module['manifest']): Models.Component {
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    version,
    bomRef: `${name}@${version}`,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  });
  if (license !== undefined) component.licenses.add(new Models.LicenseExpression(license));
  return component;
}
