import { randomUUID } from 'node:crypto';
import { connect, createWorker } from '../../src/index.ts';
import type {
  ConnectOptions,
  PlainWorkerConfig,
  TaskClient,
  TaskDefinition,
  TaskWorker,
  WorkerConfig,
} from '../../src/index.ts';

/** Clients and workers of one queue, closed after the test. */
export class Bench {
  readonly url: string;
  readonly name: string = `q-${randomUUID().slice(0, 8)}`;
  readonly #open: (() => Promise<unknown>)[] = [];

  constructor(url: string) {
    this.url = url;
  }

  async client<R, T>(tasks: TaskDefinition<R, T>, options: ConnectOptions = {}): Promise<TaskClient<T>> {
    const client = await connect(tasks, this.url, { name: this.name, ...options });
    this.#open.push(() => client.close());
    return client;
  }

  /** One place, no resource, unless it is said otherwise. */
  async worker<T>(
    tasks: TaskDefinition<undefined, T>,
    config: Partial<PlainWorkerConfig> = {},
  ): Promise<TaskWorker<T, undefined>> {
    return this.#keep(
      await createWorker(tasks, { url: this.url, name: this.name, workerCount: 1, maxWorkerCount: 1, ...config }),
    );
  }

  async resourceWorker<R, T>(
    tasks: TaskDefinition<R, T>,
    config: Pick<WorkerConfig<R>, 'onCreate' | 'onDestroy'> & Partial<WorkerConfig<R>>,
  ): Promise<TaskWorker<T, R>> {
    return this.#keep(
      await createWorker(tasks, { url: this.url, name: this.name, workerCount: 1, maxWorkerCount: 1, ...config }),
    );
  }

  async close(): Promise<void> {
    for (const close of this.#open.splice(0).toReversed()) await close();
  }

  #keep<T, R>(worker: TaskWorker<T, R>): TaskWorker<T, R> {
    this.#open.push(() => worker.kill());
    return worker;
  }
}
