import type { VNode } from 'preact';
import type { Status } from '../../facts.ts';
import { since } from '../model/format.ts';
import type { StateText } from '../model/state-texts.ts';

interface StateProps {
  readonly status: Status;
  readonly text: StateText;
  readonly now: number;
}

/** The state, why, and what to do about it. */
export function StateSection({ status, text, now }: StateProps): VNode {
  return (
    <section class={`state ${text.tone}`} aria-labelledby="state">
      <h2 id="state">
        <span class="dot" aria-hidden="true" /> {text.title}
        <span class="since">
          {' '}
          for {since(text.since, now)}
          {status.function !== undefined && ` · as ${status.function}`}
          {status.sunset !== undefined && ` · last day ${status.sunset}`}
        </span>
      </h2>
      {text.whys.map(({ sentence, cure, evidence, since: begin }) => (
        <div class="why" key={sentence}>
          <p>
            {sentence}
            {begin !== undefined && begin !== text.since && <span class="muted"> For {since(begin, now)}.</span>}
          </p>
          {evidence !== undefined && <p class="muted evidence">{evidence}</p>}
          {cure !== undefined && (
            <p class="cure">
              <span class="label">What to do</span> {cure}
            </p>
          )}
        </div>
      ))}
    </section>
  );
}
