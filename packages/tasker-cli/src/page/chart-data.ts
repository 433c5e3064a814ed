/** What the charts of a page show. All text is ready: the page formats nothing. */
export interface ChartData {
  /** How many runs took how long; undefined if nothing ran. */
  readonly durations: readonly DurationBar[];
  /** Undefined if it is not known when items ended. */
  readonly throughput: Throughput | undefined;
  readonly percentiles: Percentiles | undefined;
}

/** A bucket of durations. */
export interface DurationBar {
  readonly count: number;
  /** What is in it: `10 – 20 ms`. */
  readonly label: string;
  /** Where it begins: `10 ms`. */
  readonly edge: string;
  /** How round that is: 0 is the roundest. */
  readonly rank: number;
}

/** Items that ended, over time. */
export interface Throughput {
  /** Of the rates: `s`, `min` or `h`. */
  readonly unit: string;
  readonly columns: readonly RateColumn[];
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
  /** Where the axes have labels. */
  readonly percents: readonly Tick[];
  readonly durations: readonly Tick[];
}

export interface PercentilePoint {
  /** Its place on the axis. */
  readonly place: number;
  readonly label: string;
  /** Milliseconds, never 0; null if there are none. */
  readonly run: number | null;
  readonly wait: number | null;
  readonly runText: string;
  readonly waitText: string;
}

/** A label of an axis. */
export interface Tick {
  readonly place: number;
  readonly label: string;
}
