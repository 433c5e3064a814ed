import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { clockTime } from './format.ts';

const HEIGHT = 190;

/** A line of a chart, in a colour of the style sheet. */
export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
  readonly isStepped?: boolean;
  readonly values: readonly (number | null)[];
}

/** A tick at a time, and why. */
export interface Mark {
  readonly at: number;
  readonly text: string;
}

interface ChartProps {
  readonly title: string;
  /** What it shows now, in words. */
  readonly now: string;
  readonly times: readonly number[];
  /** The time at its right edge, and how much it shows. */
  readonly at: number;
  readonly length: number;
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[];
  readonly format: (value: number) => string;
  /** Whether its values are whole numbers. */
  readonly isWhole?: boolean;
  /** For values from tiny to huge. */
  readonly isLogarithmic?: boolean;
}

/** The lowest power of ten of a logarithmic axis: 0 has no place there. */
const LEAST = 0.01;

const MINUTE = 60_000;
const TIME_STEPS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 180, 360].map((minutes) => minutes * MINUTE);
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** Between two marks, in pixels. */
const MARK_DISTANCE = 4;

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A chart of the last minutes. */
export function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot>();
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      drawn.current?.destroy();
      drawn.current = new UPlot(optionsOf(latest, element.clientWidth), dataOf(latest.current), element);
    };
    const observer = new ResizeObserver(() => {
      if (drawn.current?.width !== element.clientWidth)
        drawn.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw); // a canvas does not follow by itself
    draw();
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      drawn.current?.destroy();
    };
  }, []);
  useEffect(() => drawn.current?.setData(dataOf(props)));
  return (
    <figure class="card chart">
      <div class="head">
        <h3>{props.title}</h3>
        <ul class="legend">
          {props.lines.map(({ label, colour, isDashed }) => (
            <li key={label}>
              <i
                class={isDashed === true ? 'dash dashed' : 'dash'}
                style={{ borderColor: `var(--${colour})` }}
                aria-hidden="true"
              />
              {label}
            </li>
          ))}
        </ul>
      </div>
      <div ref={place} class="plot" role="img" aria-label={`${props.title}: ${props.now}`} />
      <figcaption>{props.now}</figcaption>
    </figure>
  );
}

function dataOf({ times, lines, isLogarithmic = false }: ChartProps): UPlot.AlignedData {
  const shown = (value: number | null): number | null =>
    value !== null && isLogarithmic ? Math.max(value, LEAST) : value;
  return [times, ...lines.map(({ values }) => values.map(shown))] as unknown as UPlot.AlignedData;
}

const LOGARITHMIC: UPlot.Scale = {
  distr: 3, // oxlint-disable-line typescript/no-unsafe-enum-assignment -- its enum has no values in a declaration
  range: (_, min, max) => [powerBelow(min ?? 1), Math.max(powerBelow(max ?? 1), powerBelow(min ?? 1)) * 10],
};

const powerBelow = (value: number): number => 10 ** Math.floor(Math.log10(Math.max(value, LEAST)) + 1e-9);

/** Of milliseconds. */
const powerLabel = (power: number): string =>
  power < 1_000 ? `${Number(power.toPrecision(1))} ms` : `${(power / 1_000).toLocaleString('en')} s`;

function powersOfTen(_: UPlot, __: number, min: number, max: number): number[] {
  const powers: number[] = [];
  for (let power = powerBelow(min); power <= max * 1.001; power *= 10) powers.push(power);
  return powers;
}

function optionsOf(latest: { readonly current: ChartProps }, width: number): UPlot.Options {
  const { lines, isWhole = false, isLogarithmic = false } = latest.current;
  const axis: UPlot.Axis = {
    stroke: () => colourOf('muted'),
    grid: { stroke: () => colourOf('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const format = (value: number): string => latest.current.format(value);
  return {
    width,
    height: HEIGHT,
    ms: 1,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { range: () => [latest.current.at - latest.current.length, latest.current.at] },
      y: isLogarithmic ? LOGARITHMIC : { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    series: [{}, ...lines.map(seriesOf)],
    axes: [
      {
        ...axis,
        space: 70,
        size: 26,
        values: (_, times) => times.map((at) => timeLabel(at, latest.current.length)),
        incrs: TIME_STEPS,
      },
      {
        ...axis,
        space: 34,
        size: 58,
        values: (_, values) => values.map(isLogarithmic ? powerLabel : format),
        ...(isWhole && { incrs: WHOLE_STEPS }),
        ...(isLogarithmic && { splits: powersOfTen, filter: (_: UPlot, splits: number[]) => splits }),
      },
    ],
    hooks: { draw: [(u) => drawMarks(u, latest.current.marks ?? [])], setCursor: [(u) => showTip(u, latest.current)] },
  };
}

/** With seconds where the chart is of a few minutes. */
const timeLabel = (at: number, length: number): string => clockTime(at).slice(0, length < 5 * MINUTE ? 8 : 5);

function seriesOf({ colour, isDashed, isFilled, isStepped }: Line): UPlot.Series {
  const paths = isStepped === true ? UPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    stroke: () => colourOf(colour),
    ...(isFilled === true && { fill: () => `${colourOf(colour)}22` }),
    width: 1.5,
    ...(isDashed === true && { dash: [5, 4] }),
    ...(paths !== undefined && { paths }),
    // A value without neighbours is a dot.
    points: { show: (u, i, from, to) => isSparse(u.data[i] ?? [], from, to), size: 4 },
  };
}

function isSparse(values: ArrayLike<number | null | undefined>, from: number, to: number): boolean {
  let known = 0;
  for (let i = from; i <= to; i++) if (typeof values[i] === 'number') known++;
  return known > 0 && (known < (to - from + 1) / 2 || known < 3);
}

function drawMarks(u: UPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = colourOf('ink');
  ctx.lineWidth = devicePixelRatio;
  let last = Infinity;
  for (const { at } of marks) {
    const x = u.valToPos(at, 'x', true);
    const isClose = Math.abs(x - last) < MARK_DISTANCE * devicePixelRatio; // many side by side would be a block
    if (x < bbox.left || x > bbox.left + bbox.width || isClose) continue;
    last = x;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + 7 * devicePixelRatio);
    ctx.stroke();
  }
  ctx.restore();
}

/** What is under the pointer. */
function showTip(u: UPlot, { times, lines, format, marks = [] }: ChartProps): void {
  let tip = u.over.querySelector('.tip');
  const { idx, left = -1 } = u.cursor;
  if (typeof idx !== 'number' || left < 0) {
    tip?.remove();
    return;
  }
  if (tip === null) {
    tip = document.createElement('div');
    tip.className = 'tip';
    u.over.append(tip);
  }
  const at = times[idx] ?? 0;
  const reach = (u.scales['x']?.max ?? 0) - (u.scales['x']?.min ?? 0);
  const near = marks.filter((mark) => Math.abs(mark.at - at) < reach / 100).slice(0, 3);
  const rows = [
    clockTime(at),
    ...lines.map(({ label, values }) => `${label}: ${typeof values[idx] === 'number' ? format(values[idx]) : '–'}`),
    ...near.map(({ text }) => text),
  ];
  tip.replaceChildren(
    ...rows.map((text) => {
      const row = document.createElement('div');
      row.textContent = text;
      return row;
    }),
  );
  tip.classList.toggle('left', left > u.over.clientWidth / 2);
  (tip as HTMLElement).style.setProperty('--x', `${left}px`);
}
