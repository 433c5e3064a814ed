/**
 * NestJS with a task manager as a provider, and a shutdown in which a request under way is answered. Sends itself the requests.
 * `npx tsx --tsconfig examples/tsconfig.json examples/nest.ts`, for the decorators.
 */
import 'reflect-metadata'; // oxlint-disable-line import/no-unassigned-import -- Nest reads what it adds
import { setTimeout } from 'node:timers/promises';
import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Query,
  ServiceUnavailableException,
} from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { startTaskManager } from 'tasker';

const GRACE = 200; // ms; in Kubernetes some seconds: until no balancer sends requests any more

@Injectable()
class Jobs implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  isClosing = false;
  readonly #manager = startTaskManager({
    onCreate: () => setTimeout(50, { run: async (ms: number) => setTimeout(ms, `done after ${ms} ms`) }),
    onDestroy: () => {},
    workerCount: 1,
    resourcePoolSize: 0,
  });

  get state(): string {
    return this.#manager.stats().state;
  }

  run(ms: number): Promise<string> {
    return this.#manager.queueTask((job) => job.run(ms));
  }

  /** A resource that cannot be made fails the start of the application. */
  onModuleInit(): Promise<void> {
    return this.#manager.ready;
  }

  /** The server still listens. Nest closes it when this has resolved, and waits for the requests under way. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    await setTimeout(GRACE);
  }

  /** Every request has its answer. In `onModuleDestroy`, which comes first, it would be too early. */
  async onApplicationShutdown(): Promise<void> {
    await this.#manager.stop({ timeout: 10_000 });
  }
}

@Controller()
class JobsController {
  @Inject(Jobs) private readonly jobs!: Jobs; // Nest sets it

  @Get('ready')
  @HttpCode(200)
  ready(): void {
    if (this.jobs.isClosing) throw new ServiceUnavailableException();
  }

  @Get('job')
  job(@Query('ms') ms: string): Promise<string> {
    return this.jobs.run(Number(ms));
  }
}

@Module({ controllers: [JobsController], providers: [Jobs] })
class App {} // oxlint-disable-line typescript/no-extraneous-class -- a module of Nest is one

const app = await NestFactory.create(App, new FastifyAdapter(), { logger: ['error'] });
// In a service: app.enableShutdownHooks(); then SIGTERM does what app.close() does below.
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
const ask = async (path: string): Promise<string> => {
  const response = await fetch(url + path, { headers: { connection: 'close' } });
  return `${response.status} ${response.ok ? await response.text() : ''}`.trim();
};
console.log(`ready: ${await ask('/ready')}`);
const slow = ask('/job?ms=600');
await setTimeout(50);
const closed = app.close();
await setTimeout(50);
console.log(`ready: ${await ask('/ready')}`);
console.log(`a request under way: ${await slow}`);
await closed;
console.log(`the manager is ${app.get(Jobs).state}`);
