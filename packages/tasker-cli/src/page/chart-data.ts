/** What the charts of a page show. All text is ready: the page formats nothing. */
export interface ChartData {
  readonly durations: DurationBars | undefined;
  readonly throughput: Throughput | undefined;
  readonly percentiles: Percentiles | undefined;
}

/** How many items ran how long. */
export interface DurationBars {
  readonly bars: readonly { readonly count: number; readonly label: string }[];
  readonly ticks: readonly Tick[];
}

/** Items that ended, over time. */
export interface Throughput {
  /** Of the rates: `s`, `min` or `h`. */
  readonly unit: string;
  readonly columns: readonly RateColumn[];
  readonly ticks: readonly Tick[];
}

/** A time, or a pause that was left out. */
export interface RateColumn {
  /** When it begins. */
  readonly label: string;
  /** Null for a pause. */
  readonly ended: number | null;
  readonly failed: number | null;
}

/** Percentiles on an axis on which each further nine takes the same room. */
export interface Percentiles {
  readonly points: readonly PercentilePoint[];
  readonly ticks: readonly Tick[];
  /** Of the other axis. */
  readonly durations: readonly Tick[];
}

export interface PercentilePoint {
  readonly label: string;
  /** Milliseconds, never 0; null if there are none. */
  readonly run: number | null;
  readonly wait: number | null;
  readonly runText: string;
  readonly waitText: string;
}

/** A label of an axis. Bars and points are at 0, 1, 2 …, and a bar begins half before. */
export interface Tick {
  readonly place: number;
  readonly label: string;
  /** The least round are left out where there is no room: 0 stays longest. */
  readonly rank: number;
}
