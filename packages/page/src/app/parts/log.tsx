import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { LogLine } from '../../facts.ts';
import { clock } from '../model/format.ts';

const grave: readonly string[] = ['warn', 'error', 'fatal'];

/** The last lines of the log, the newest first. */
export function LogSection({ lines, now }: { readonly lines: readonly LogLine[]; readonly now: number }): VNode {
  const [isGraveOnly, setGraveOnly] = useState(false);
  const shown = lines.filter(({ level }) => !isGraveOnly || grave.includes(level)).toReversed();
  return (
    <section class="log" aria-labelledby="log">
      <div class="heading">
        <h2 id="log">Log</h2>
        <label>
          <input
            type="checkbox"
            checked={isGraveOnly}
            onChange={({ currentTarget }) => setGraveOnly(currentTarget.checked)}
          />{' '}
          Warnings only
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="muted">No lines.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section class="lines" tabIndex={0} aria-label="Lines of the log">
          <ol>
            {shown.map(({ number, at, level, sentence }) => (
              <li key={number} class={level}>
                <time dateTime={at}>{clock(at, now)}</time>
                <span class="level">{level}</span>
                <span>{sentence}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </section>
  );
}
