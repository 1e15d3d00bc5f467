import type { DataPlaneHandle, DataPlaneStarter } from '../worker/data-plane-handle.ts';

/** The data planes that run, to find one whose loop no longer turns. */
export class LiveDataPlanes {
  /** Starts a data plane, and counts it until it ends. */
  readonly start: DataPlaneStarter;
  readonly #handles = new Set<Pick<DataPlaneHandle, 'beat' | 'isOver'>>();

  constructor(start: DataPlaneStarter) {
    this.start = async (settings, observer) => {
      const started = await start(settings, observer);
      this.#handles.add(started.handle);
      return started;
    };
  }

  /** Resolves when the loop of each data plane has turned once more. */
  async beat(): Promise<void> {
    for (const handle of this.#handles) if (handle.isOver) this.#handles.delete(handle);
    await Promise.all([...this.#handles].map((handle) => handle.beat()));
  }
}
