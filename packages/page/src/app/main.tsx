import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Monitor, type Snapshot } from './model/monitor.ts';
import { Page } from './page.tsx';

const monitor = new Monitor();

function Live() {
  const [snapshot, setSnapshot] = useState<Snapshot | undefined>(undefined);
  useEffect(() => monitor.start(setSnapshot), []);
  return snapshot === undefined ? null : <Page snapshot={snapshot} monitor={monitor} />;
}

render(<Live />, document.getElementById('page')!);
