/** One line of a scrape. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it is not that of the metric. */
  readonly metricName?: string;
}

/**
 * A metric whose values are read when it is scraped. To a registry a metric is what has a name and the methods below; those of
 * `prom-client` keep values of their own, and a histogram among them cannot be set to what was counted elsewhere.
 */
export class ScrapedMetric {
  /** A registry for OpenMetrics takes `_total` off it. */
  name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Of several processes of a cluster. */
  readonly aggregator = 'sum';
  readonly #read: () => readonly Sample[];

  constructor(name: string, help: string, type: ScrapedMetric['type'], read: () => readonly Sample[]) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#read = read;
  }

  async get(): Promise<Scraped> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#read() };
  }

  /** Does nothing: a counter never goes back. */
  reset(): void {}
}

/** What a registry is told. */
type Scraped = Pick<ScrapedMetric, 'name' | 'help' | 'type' | 'aggregator'> & { readonly values: readonly Sample[] };
