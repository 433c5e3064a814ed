import { pageFiles, version } from '#page-files';
import type { HelloMessage, NewsMessage, Past, StateMessage } from '../basics/messages.ts';
import { managerView, shownTask } from '../basics/shown-state.ts';
import type { DashboardManager } from '../basics/shown-state.ts';
import { Recorder } from '../record/recorder.ts';
import { ACTIONS, cancelTask } from './actions.ts';
import { Refusal, answer, done, json } from './answers.ts';
import { guardAction, guardOrigin, guardRequest } from './guards.ts';
import { resolveOptions } from './options.ts';
import type { DashboardOptions, ResolvedOptions } from './options.ts';
import { pageHtml } from './page.ts';
import { Pulse } from './pulse.ts';
import { Router } from './router.ts';
import type { Parameters } from './router.ts';
import { Watchers } from './watchers.ts';

/** A live page. See {@link createDashboard}. */
export interface Dashboard {
  /** Answers a request of the page, or for it; never rejects. It is bound, and may be handed to a framework as it is. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Whether it was given `authorize`. */
  readonly isAuthorized: boolean;
  /** Ends the streams, and lets go of the managers, which go on. Requests are refused from now on. */
  close(): void;
}

type Handler = (request: Request, parameters: Parameters) => Response | Promise<Response>;

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

class LiveDashboard implements Dashboard {
  readonly isAuthorized: boolean;
  readonly #options: ResolvedOptions;
  readonly #token: string = crypto.randomUUID();
  readonly #recorders: ReadonlyMap<string, Recorder>;
  readonly #watchers = new Watchers(() => this.#hello());
  readonly #pulse: Pulse;
  #isClosed = false;

  readonly #router = new Router<Handler>({
    'GET /': () => this.#page(),
    'GET /assets/:file': (_, { file = '' }) => asset(file),
    'GET /api/state': (request) => {
      guardOrigin(request);
      return json(200, this.#state());
    },
    'GET /api/stream': (request) => {
      guardOrigin(request);
      return this.#stream(request);
    },
    'GET /api/managers/:name/tasks': (request, { name = '' }) => {
      guardOrigin(request);
      return this.#find(this.#managerOf(name), new URL(request.url).searchParams.get('text') ?? '');
    },
    'POST /api/managers/:name/:action': (request, { name = '', action = '' }) => {
      return this.#act(request, (): void | Promise<void> => {
        const act = ACTIONS.get(action);
        if (act === undefined)
          throw new Refusal(404, `there is no such action; there are ${[...ACTIONS.keys()].join(', ')}`);
        return act(this.#managerOf(name), request);
      });
    },
    'POST /api/managers/:name/tasks/:id/cancel': (request, { name = '', id = '' }) => {
      return this.#act(request, () => cancelTask(this.#managerOf(name), id));
    },
  });

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.isAuthorized = options.authorize !== undefined;
    const now = Date.now();
    this.#recorders = new Map(
      [...options.managers].map(([name, manager]) => [name, new Recorder(manager, options.historyLength, now)]),
    );
    this.#pulse = new Pulse(
      () => this.#look(),
      () => this.#watchers.size > 0,
    );
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    try {
      if (this.#isClosed) throw new Refusal(503, 'the dashboard is closed');
      await guardRequest(request, this.#options);
      const { to, parameters } = this.#router.find(request.method, this.#pathOf(request));
      return await to(request, parameters);
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      console.error('tasker-dashboard:', error);
      return json(500, { error: 'the dashboard failed; its log tells why' });
    }
  };

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pulse.close();
    this.#watchers.close();
    for (const recorder of this.#recorders.values()) recorder.close();
  }

  #pathOf({ url }: Request): string {
    const { pathname } = new URL(url);
    const { basePath } = this.#options;
    const isBelow = pathname === basePath || pathname.startsWith(`${basePath}/`);
    return isBelow ? pathname.slice(basePath.length) : pathname;
  }

  #managerOf(name: string): DashboardManager {
    const manager = this.#options.managers.get(name);
    if (manager === undefined) throw new Refusal(404, 'there is no manager of that name');
    return manager;
  }

  #page(): Response {
    const html = pageHtml(this.#options.basePath, this.#token);
    return answer(200, html, { 'content-type': 'text/html; charset=utf-8' });
  }

  #find(manager: DashboardManager, text: string): Response {
    const tasks = manager.find(text, { limit: 100 }).map(shownTask);
    return json(200, { at: Date.now(), now: manager.now(), tasks });
  }

  async #act(request: Request, action: () => void | Promise<void>): Promise<Response> {
    guardAction(request, this.#token, this.#options);
    await action();
    this.#pulse.hurry();
    return done();
  }

  #stream(request: Request): Response {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return answer(200, null, headers);
    if (this.#watchers.size === 0) for (const recorder of this.#recorders.values()) recorder.news(); // it begins here
    const body = this.#watchers.add(request.signal);
    this.#pulse.hurry();
    return answer(200, body, headers);
  }

  /** Once for all who watch. */
  #look(): void {
    const now = Date.now();
    for (const recorder of this.#recorders.values()) recorder.sample(now);
    if (this.#watchers.size === 0) return;
    const news: NewsMessage = { managers: this.#each((recorder) => recorder.news()) };
    this.#watchers.send(encode([eventText('news', news), eventText('state', this.#state())]));
  }

  #hello(): Uint8Array {
    const hello: HelloMessage = {
      version,
      token: this.#token,
      isReadOnly: this.#options.isReadOnly,
      historyLength: this.#options.historyLength,
      managers: this.#each((recorder) => recorder.past()),
    };
    return encode([eventText('hello', hello), eventText('state', this.#state())]);
  }

  #state(): StateMessage {
    const views = [...this.#options.managers].map(([name, manager]) => [name, managerView(manager)] as const);
    return { at: Date.now(), managers: Object.fromEntries(views) };
  }

  #each(pastOf: (recorder: Recorder) => Past): Record<string, Past> {
    return Object.fromEntries([...this.#recorders].map(([name, recorder]) => [name, pastOf(recorder)]));
  }
}

function asset(file: string): Response {
  if (!Object.hasOwn(pageFiles, file)) throw new Refusal(404, 'there is no such file');
  const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain';
  return answer(200, pageFiles[file as keyof typeof pageFiles], {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'private, max-age=31536000, immutable', // its address has its version
  });
}

const eventText = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const encoder = new TextEncoder();
const encode = (events: readonly string[]): Uint8Array => encoder.encode(events.join(''));

/**
 * Makes a live page of task managers: what their workers do, what waits, what failed, charts of the last minutes, and actions. `fetch` answers
 * its requests; mount it where you like, or use {@link serve}. While nobody watches, it only counts. Throws `INVALID_CONFIG`.
 *
 * @example
 * ```ts
 * import { createTaskManager } from 'tasker';
 * import { createDashboard, serve } from 'tasker-dashboard';
 *
 * const manager = await createTaskManager({ workerCount: 4 });
 * const dashboard = createDashboard({ managers: { images: manager } });
 * const server = await serve(dashboard, { port: 0 });
 * console.log(`see ${server.url}`);
 *
 * await server.close();
 * dashboard.close();
 * await manager.stop();
 * ```
 */
export function createDashboard(options: DashboardOptions): Dashboard {
  return new LiveDashboard(resolveOptions(options));
}
