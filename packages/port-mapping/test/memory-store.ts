import type { MappingRecord, MappingStore } from '../src/index.ts';

/** A store that outlives runs, as text. */
export class MemoryStore implements MappingStore {
  text: string | undefined;

  read(): unknown {
    return this.text === undefined ? undefined : JSON.parse(this.text);
  }

  write(record: MappingRecord): void {
    this.text = JSON.stringify(record);
  }
}
