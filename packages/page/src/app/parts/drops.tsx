import type { VNode } from 'preact';
import type { Explanations } from '../../facts.ts';
import { whole } from '../model/format.ts';

interface DropsProps {
  readonly drops: Readonly<Record<string, number>>;
  readonly explanations: Explanations | undefined;
}

/** The dropped packets by reason, with meaning and cure. */
export function DropsSection({ drops, explanations }: DropsProps): VNode {
  const rows = Object.entries(drops)
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section class="drops" aria-labelledby="drops">
      <h2 id="drops">
        Dropped packets <span class="count">{whole(total)}</span>
      </h2>
      {rows.length === 0 && <p class="muted">None since the start.</p>}
      <ul>
        {rows.map(([reason, count]) => (
          <li key={reason}>
            <span class="number">{whole(count)}</span>
            <div>
              <span class="code">{reason}</span>
              <p>{explanations?.drops[reason]?.meaning}</p>
              <p class="muted">{explanations?.drops[reason]?.cure}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
