import type { JSX } from 'preact';
import { MINUTE, bucketed, spanOf } from './bucketed.ts';
import { Chart } from './chart.tsx';
import { clockTime, count, counted, duration, rate } from './format.ts';
import type { ManagerModel } from './model.ts';

interface ChartsProps {
  readonly manager: ManagerModel;
  readonly at: number;
  readonly length: number;
}

/** The last minutes of a manager. */
export function Charts({ manager, at, length }: ChartsProps): JSX.Element {
  const { history: samples, notes, name } = manager;
  const span = spanOf(at - (samples.at[0] ?? at), length);
  const history = bucketed(samples, span);
  const common = { times: history.at, at, length: span };
  const scalings = notes.filter((note) => note.kind === 'scaled');
  return (
    <section aria-labelledby="charts">
      <h2 id="charts" class="section">
        Last {span === MINUTE ? 'minute' : duration(span)}
      </h2>
      <div class="charts" key={name}>
        <Chart
          {...common}
          title="Throughput"
          now={`${lastRate(samples.arrivals)} submitted, ${lastRate(samples.completions)} completed`}
          format={rate}
          lines={[
            { label: 'submitted', colour: 'second', values: history.arrivals },
            { label: 'completed', colour: 'accent', isFilled: true, values: history.completions },
          ]}
        />
        <Chart
          {...common}
          title="Wait and run times"
          now={`of tasks completed: wait p95 ${duration(samples.waitP95.at(-1))}, run p95 ${duration(samples.runP95.at(-1))}`}
          format={duration}
          isLogarithmic
          lines={[
            { label: 'wait p95', colour: 'second', values: history.waitP95 },
            { label: 'wait p50', colour: 'second', isDashed: true, values: history.waitP50 },
            { label: 'run p95', colour: 'accent', values: history.runP95 },
            { label: 'run p50', colour: 'accent', isDashed: true, values: history.runP50 },
          ]}
        />
        <Chart
          {...common}
          title="Workers"
          now={`${counted(samples.workers.at(-1) ?? 0, 'worker')}, ${counted(samples.running.at(-1) ?? 0, 'task')} running`}
          format={count}
          isWhole
          marks={scalings.map(({ at, message }) => ({ at, text: message }))}
          lines={[
            { label: 'workers', colour: 'accent', isStepped: true, isFilled: true, values: history.workers },
            { label: 'running', colour: 'ok', isStepped: true, values: history.running },
          ]}
        />
        <Chart
          {...common}
          title="Failures and retries"
          now={`${lastRate(samples.failures)} failed, ${lastRate(samples.retries)} to be run again`}
          format={rate}
          lines={[
            { label: 'failed', colour: 'bad', isFilled: true, values: history.failures },
            { label: 'retries', colour: 'warn', values: history.retries },
          ]}
        />
      </div>
      {scalings.length > 0 && (
        <details class="card">
          <summary>Why the number of workers changed</summary>
          <ol class="log">
            {scalings.slice(0, 20).map(({ number, at, message }) => (
              <li key={number}>
                <time>{clockTime(at)}</time> {message}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

const lastRate = (values: readonly number[]): string => rate(values.at(-1) ?? 0);
