import { Refusal } from './answers.ts';

/** A method and a path, in which `:name` stands for any one part. */
export type RoutePattern = `${'GET' | 'POST'} /${string}`;

/** The parts that a path has for the names of its pattern. */
export type Parameters = Readonly<Record<string, string>>;

/** Finds what answers a request, in a table. */
export class Router<T> {
  readonly #routes: readonly { readonly method: string; readonly parts: readonly string[]; readonly to: T }[];

  constructor(table: Readonly<Record<RoutePattern, T>>) {
    this.#routes = Object.entries(table).map(([pattern, to]) => {
      const [method = '', path = ''] = pattern.split(' ');
      return { method, parts: partsOf(path), to };
    });
  }

  /** Throws a refusal: 404 or 405. */
  find(method: string, path: string): { readonly to: T; readonly parameters: Parameters } {
    const parts = partsOf(path);
    const matching = this.#routes.flatMap((route) => {
      const parameters = match(route.parts, parts);
      return parameters === undefined ? [] : [{ ...route, parameters }];
    });
    if (matching.length === 0) throw new Refusal(404, 'there is nothing at this path; is the option basePath right?');
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = matching.find((route) => route.method === wanted);
    if (found !== undefined) return found;
    const allowed = matching.map((route) => (route.method === 'GET' ? 'GET, HEAD' : route.method)).join(', ');
    throw new Refusal(405, `this path takes ${allowed}`, { allow: allowed });
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

function match(pattern: readonly string[], parts: readonly string[]): Parameters | undefined {
  if (pattern.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, name] of pattern.entries()) {
    const part = parts[i] ?? '';
    if (!name.startsWith(':')) {
      if (name !== part) return undefined;
      continue;
    }
    try {
      parameters[name.slice(1)] = decodeURIComponent(part);
    } catch {
      return undefined;
    }
  }
  return parameters;
}
