import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanUp } from './clean-up.ts';
import { Namespace, removeNamespace } from './network/namespace.ts';
import { isAbandoned, laboratoryPrefix, namespacesWithPrefix } from './network/namespace-names.ts';
import type { Program, ProgramKeeper } from './programs/program.ts';
import { repositoryPath } from './repository.ts';

/** A set of namespaces, programs and files that is always removed as a whole. */
export class Laboratory implements ProgramKeeper {
  /** Folder for configuration files, sockets and captures; removed at the end. */
  readonly folder: string;
  /** The root of the checkout whose built programs run here. */
  readonly checkout: string;
  readonly #prefix: string;
  readonly #programs: Program[] = [];
  readonly #remove: () => void;

  constructor(checkout: string = repositoryPath('.')) {
    removeAbandoned();
    this.checkout = checkout;
    this.#prefix = laboratoryPrefix();
    this.folder = mkdtempSync(join(tmpdir(), this.#prefix));
    this.#remove = onCleanUp(() => {
      for (const name of namespacesWithPrefix(this.#prefix)) removeNamespace(name);
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** A new, unconnected machine. */
  machine(label: string): Namespace {
    return Namespace.create(this.#prefix, label);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Adds a program that `close` ends. */
  adopt(program: Program): void {
    this.#programs.push(program);
  }

  /** Ends all programs as an administrator would (SIGTERM, last started first), then removes everything. */
  async close(): Promise<void> {
    try {
      for (const program of this.#programs.reverse()) await program.stop();
    } finally {
      this.#remove();
    }
  }
}

/** Removes the remains of laboratories whose process was killed. */
function removeAbandoned(): void {
  for (const name of namespacesWithPrefix('').filter(isAbandoned)) removeNamespace(name);
  for (const name of readdirSync(tmpdir()).filter(isAbandoned)) {
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
