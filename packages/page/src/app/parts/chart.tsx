import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';

export interface Series {
  readonly label: string;
  /** A variable of the style sheet. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly now: string;
}

interface ChartProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** The least value at the top of the chart. */
  readonly least: number;
}

const height = 150;
const minutesShown = 10;

/** A chart of the last minutes, with the present values in its caption. */
export function Chart({ title, times, series, format, least }: ChartProps): VNode {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data = [times, ...series.map(({ values }) => values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = holder.current!;
    const create = () => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsFor(element, { series, format, least }), latest.current, element);
    };
    create();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    // The canvas keeps the colours that it was drawn with.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', create);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', create);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [times]);
  const caption = series.map(({ label, now }) => `${label} ${now}`).join(', ');
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        {series.map(({ label, color, now }) => (
          <span key={label} class="key">
            <i class={`swatch ${color}`} aria-hidden="true" />
            {label} <b>{now}</b>
          </span>
        ))}
      </figcaption>
      <div
        ref={holder}
        class="chart"
        role="img"
        aria-label={`${title} in the last ${minutesShown} minutes; now ${caption}`}
      />
    </figure>
  );
}

function optionsFor(
  element: HTMLElement,
  { series, format, least }: Pick<ChartProps, 'series' | 'format' | 'least'>,
): UPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: color('muted'), font, grid: { stroke: color('line'), width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, first, last) => [Math.min(last - 120, Math.max(first, last - minutesShown * 60)), last] },
      y: { range: (_, __, most) => [0, Math.max(least, (most ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 80, values: (_, splits) => splits.map(minute) },
      { ...axis, size: 72, space: 28, values: (_, splits) => splits.map(format) },
    ],
    series: [
      {},
      ...series.map(({ label, color: name }) => ({ label, stroke: color(name), width: 1.75, points: { show: false } })),
    ],
  };
}

function minute(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
