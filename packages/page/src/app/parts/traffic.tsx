import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Counters } from '../../facts.ts';
import { bitRate, octets, packetRate, whole } from '../model/format.ts';
import type { Rates, Sample } from '../model/rates.ts';
import { Chart, type Series } from './chart.tsx';

interface TrafficProps {
  readonly samples: readonly Sample[];
  readonly counters: Counters;
}

/** Rates over time, and totals. */
export function TrafficSection({ samples, counters }: TrafficProps): VNode {
  const times = useMemo(() => samples.map(({ at }) => at), [samples]);
  const series = (
    label: string,
    color: string,
    of: (rates: Rates) => number,
    format: (value: number) => string,
  ): Series => {
    const last = samples.at(-1)?.rates;
    return {
      label,
      color,
      values: samples.map(({ rates }) => (rates === undefined ? null : of(rates))),
      now: last === undefined ? '–' : format(of(last)),
    };
  };
  return (
    <section class="traffic" aria-labelledby="traffic">
      <h2 id="traffic">Traffic</h2>
      <div class="charts">
        <Chart
          title="Throughput"
          times={times}
          format={bitRate}
          least={1_250}
          series={[
            series('received', 'in', ({ octetsIn }) => octetsIn, bitRate),
            series('sent', 'out', ({ octetsOut }) => octetsOut, bitRate),
          ]}
        />
        <Chart
          title="Packets"
          times={times}
          format={packetRate}
          least={10}
          series={[
            series('received', 'in', ({ packetsIn }) => packetsIn, packetRate),
            series('sent', 'out', ({ packetsOut }) => packetsOut, packetRate),
            series('dropped', 'bad', ({ drops }) => drops, packetRate),
          ]}
        />
      </div>
      <p class="muted totals">
        Since the start: received {whole(counters.datagramsReceived)} datagrams ({octets(counters.octetsReceived)}),
        sent {whole(counters.datagramsSent)} ({octets(counters.octetsSent)}); {whole(counters.packetsTaken)} packets
        from this host, {whole(counters.packetsDelivered)} to it.
      </p>
    </section>
  );
}
