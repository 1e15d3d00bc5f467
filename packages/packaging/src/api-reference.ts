import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import {
  Application,
  Converter,
  DeclarationReflection,
  LogLevel,
  makeRecursiveVisitor,
  ParameterReflection,
  type ProjectReflection,
  ReflectionKind,
  SignatureReflection,
  type TypeDocOptions,
} from 'typedoc';
import { repositoryRoot, workspacePackages } from './published-packages.ts';

/** An entry of a package: the name by which others import it, and its source. */
export interface Entry {
  /** Such as `@navalis/wire/server`. */
  readonly name: string;
  readonly source: string;
}

/** Returns the entries of all packages that others can import. */
export function packageEntries(): Entry[] {
  return workspacePackages().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports ?? {}).map(([path, { 'navalis-source': source = '' }]) => ({
      name: `${manifest.name}${path.slice(1)}`,
      source: fileURLToPath(new URL(`${folder}/${source}`, repositoryRoot)),
    })),
  );
}

/**
 * Renders the API reference of all entries as HTML into the folder `out`, and returns the warnings: dead links, types that cannot
 * be imported, entries without a doc comment.
 * @throws Error when rendering fails.
 */
export async function renderApiReference(out: string): Promise<string[]> {
  const entries = packageEntries();
  const application = await Application.bootstrap(options(entries.map(({ source }) => source)));
  const warnings: string[] = [];
  application.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) warnings.push(stripVTControlCharacters(message));
  };
  application.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection: DeclarationReflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName;
    const entry = entries.find(({ source }) => source === file);
    if (entry !== undefined) reflection.name = entry.name;
  });
  const project = await application.convert();
  if (project === undefined) throw new Error(`The API reference cannot be rendered: ${warnings.join('; ')}`);
  application.validate(project);
  warnings.push(...hiddenTypes(project));
  for (const module of project.children ?? []) {
    if (!module.hasComment()) warnings.push(`${module.name} has no doc comment with @packageDocumentation.`);
  }
  await application.generateDocs(project, out);
  return warnings;
}

/** Literals from which a public type is derived, and which no importer needs to name. */
const derivedFrom: readonly string[] = ['engineReasons'];

/** Returns a warning for each of our types that a public signature names and that cannot be imported. */
function hiddenTypes(project: ProjectReflection): string[] {
  const found = new Map<string, string>();
  for (const reflection of Object.values(project.reflections)) {
    const visitor = makeRecursiveVisitor({
      reference(type) {
        const isOurs = type.symbolId?.packageName.startsWith('@navalis/') === true;
        if (!isOurs || type.reflection !== undefined || derivedFrom.includes(type.name)) return;
        const owner = reflection.getFriendlyFullName();
        found.set(
          type.qualifiedName,
          `${owner} names the type ${type.qualifiedName}, which its package does not export.`,
        );
      },
    });
    if (reflection instanceof DeclarationReflection || reflection instanceof ParameterReflection) {
      reflection.type?.visit(visitor);
    }
    if (reflection instanceof SignatureReflection) reflection.type?.visit(visitor);
    if (reflection instanceof DeclarationReflection) {
      for (const type of reflection.implementedTypes ?? []) type.visit(visitor);
    }
  }
  return [...found.values()];
}

function options(entryPoints: string[]): TypeDocOptions {
  const folder = fileURLToPath(new URL('packages/packaging/', repositoryRoot));
  return {
    name: 'Navalis',
    entryPoints,
    tsconfig: `${folder}tsconfig.api.json`,
    readme: 'none',
    // TypeScript 7 checks the types; typedoc needs TypeScript 6 only for its compiler interface.
    skipErrorChecking: true,
    // No commit in the links, so that the same sources give the same pages.
    disableGit: true,
    sourceLinkTemplate: 'https://github.com/navalis/navalis/blob/main/{path}#L{line}',
    basePath: fileURLToPath(repositoryRoot),
    logLevel: 'Warn',
    // With several entries `notExported` finds nothing; `hiddenTypes` replaces it.
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  };
}
