import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Explanations, Status } from '../../facts.ts';
import { type Box, type Drawing, drawingOf } from '../model/drawing.ts';

interface PathsProps {
  readonly status: Status;
  readonly explanations: Explanations | undefined;
}

/** A drawing of this program, what is around it, and the paths between them. */
export function PathsSection({ status, explanations }: PathsProps): VNode {
  const isNarrow = useMedia('(max-width: 720px)');
  const drawing = drawingOf(status, explanations);
  const places = isNarrow ? placedInRows(drawing) : placedInColumns(drawing);
  const description = drawing
    .flat()
    .map(({ title, lines, path }) => `${title}: ${[...lines, ...(path === 'works' ? [] : [path])].join(', ')}`)
    .join('. ');
  return (
    <section class="paths" aria-labelledby="paths">
      <h2 id="paths">Paths</h2>
      <svg viewBox={`0 0 ${places.width} ${places.height}`} role="img" aria-label={description}>
        {places.lines.map(({ path, d }) => (
          <path key={d} class={`path ${path}`} d={d} />
        ))}
        {places.boxes.map(({ box, x, y, width }) => (
          <g key={`${x} ${y}`} class={`box ${box.path}`}>
            <rect x={x} y={y} width={width} height={boxHeight} rx="8" />
            {[box.title, ...box.lines].map((text, index) => (
              <text
                key={text}
                x={x + 14}
                y={y + boxHeight / 2 + 4.5 + (index - box.lines.length / 2) * 18}
                class={index === 0 ? 'title' : undefined}
              >
                {text}
              </text>
            ))}
          </g>
        ))}
      </svg>
    </section>
  );
}

const boxHeight = 68;
const gap = 14;

interface Places {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly { readonly box: Box; readonly x: number; readonly y: number; readonly width: number }[];
  readonly lines: readonly { readonly path: Box['path']; readonly d: string }[];
}

/** Columns beside each other, connected by curves. */
function placedInColumns(drawing: Drawing): Places {
  const width = 1_040;
  const boxWidth = 290;
  const step = drawing.length === 1 ? 0 : (width - boxWidth) / (drawing.length - 1);
  const tallest = Math.max(...drawing.map((column) => column.length));
  const height = tallest * (boxHeight + gap) - gap;
  const inset = 1;
  const topOf = (column: readonly Box[], row: number) =>
    (height - (column.length * (boxHeight + gap) - gap)) / 2 + row * (boxHeight + gap);
  const boxes = drawing.flatMap((column, index) =>
    column.map((box, row) => ({
      box,
      x: index * step + inset,
      y: topOf(column, row) + inset,
      width: boxWidth - 2 * inset,
    })),
  );
  const lines = drawing.slice(1).flatMap((column, index) =>
    column.map((box, row) => {
      const x1 = index * step + boxWidth;
      const x2 = (index + 1) * step;
      const y1 = topOf(drawing[index]!, 0) + boxHeight / 2;
      const y2 = topOf(column, row) + boxHeight / 2;
      const middle = (x1 + x2) / 2;
      return { path: box.path, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` };
    }),
  );
  return { width, height: height + 2 * inset, boxes, lines };
}

/** Rows below each other, the last ones as branches. */
function placedInRows(drawing: Drawing): Places {
  const width = 350;
  const boxes: { box: Box; x: number; y: number; width: number }[] = [];
  const lines: { path: Box['path']; d: string }[] = [];
  let y = 1;
  let above = { x: 24, bottom: 0 };
  for (const [index, column] of drawing.entries()) {
    const x = column.length > 1 || (index > 0 && index === drawing.length - 1) ? 48 : 1;
    const from = above;
    for (const box of column) {
      boxes.push({ box, x, y, width: width - x - 1 });
      const middle = y + boxHeight / 2;
      if (index > 0) {
        const d = x === 1 ? `M${from.x} ${from.bottom}V${y}` : `M${from.x} ${from.bottom}V${middle}H${x}`;
        lines.push({ path: box.path, d });
      }
      above = { x: x + 23, bottom: y + boxHeight };
      y += boxHeight + gap;
    }
  }
  // The line to the farthest branch is drawn first, so that others show on it.
  return { width, height: y - gap + 1, boxes, lines: lines.toReversed() };
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setMatches(list.matches);
    list.addEventListener('change', change);
    return () => list.removeEventListener('change', change);
  }, [query]);
  return matches;
}
