import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { clock } from './model/format.ts';
import type { Monitor, Snapshot } from './model/monitor.ts';
import { stateText } from './model/state-texts.ts';
import { DropsSection } from './parts/drops.tsx';
import { IdentitySection } from './parts/identity.tsx';
import { LogSection } from './parts/log.tsx';
import { PathsSection } from './parts/paths.tsx';
import { PeersSection } from './parts/peers.tsx';
import { StateSection } from './parts/state.tsx';
import { TokenForm } from './parts/token-form.tsx';
import { TrafficSection } from './parts/traffic.tsx';

interface PageProps {
  readonly snapshot: Snapshot;
  readonly monitor: Monitor;
}

/** The whole page. */
export function Page({ snapshot, monitor }: PageProps): VNode {
  const { contact, status, explanations, answeredAt, lines, peers, samples } = snapshot;
  const name = status === undefined ? 'Navalis' : `teredo-${status.role}`;
  const text = status && stateText(status);
  useEffect(() => {
    document.title = contact === 'gone' ? `${name}: no answer` : text ? `${name}: ${text.title.toLowerCase()}` : name;
  }, [contact, name, text?.title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the state
      </a>
      <header>
        <h1>{name}</h1>
        {status && <span class="version">{status.version}</span>}
        <span class={`contact ${contact}`}>{contactTexts[contact]}</span>
      </header>
      <main id="main" tabIndex={-1}>
        <div role="status">
          {contact === 'gone' && (
            <p class="banner">
              <strong>The program does not answer.</strong>{' '}
              {answeredAt === undefined
                ? 'It may have stopped. This page keeps asking.'
                : `Below is what it said at ${clock(answeredAt, Date.now())}. This page keeps asking.`}
            </p>
          )}
        </div>
        {(contact === 'token-needed' || contact === 'token-refused') && (
          <TokenForm isRefused={contact === 'token-refused'} use={(token) => monitor.useToken(token)} />
        )}
        {status && text && answeredAt !== undefined && (
          <div class={contact === 'live' ? 'sections' : 'sections stale'}>
            <StateSection status={status} text={text} now={answeredAt} />
            <PathsSection status={status} explanations={explanations} />
            <IdentitySection status={status} explanations={explanations} now={answeredAt} />
            <TrafficSection samples={samples} counters={status.counters} />
            {status.role !== 'server' && (
              <PeersSection
                status={status}
                peers={peers}
                explanations={explanations}
                now={answeredAt}
                show={(view) => monitor.show(view)}
              />
            )}
            <DropsSection drops={status.counters.drops} explanations={explanations} />
            <LogSection lines={lines} now={answeredAt} />
          </div>
        )}
      </main>
    </>
  );
}

const contactTexts: Readonly<Record<Snapshot['contact'], string>> = {
  asking: 'asking',
  live: 'live',
  gone: 'no answer',
  'token-needed': 'token needed',
  'token-refused': 'token refused',
};
