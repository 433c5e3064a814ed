import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is in docs/telemetry, for users to copy. */
export const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../../../docs/telemetry/${name}`, import.meta.url));

export const alerts: string = readFileSync(pathOf('alerts.yml'), 'utf8');

/** The text of the dashboard. */
export const dashboardText: string = readFileSync(pathOf('grafana-dashboard.json'), 'utf8');

/** Of the dashboard what the tests look at. */
export const dashboard = JSON.parse(dashboardText) as {
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
};

/** What the panels ask, with their title. */
export const queries: readonly (readonly [title: string, expr: string])[] = dashboard.panels.flatMap(
  ({ title, targets }) => targets.map(({ expr }) => [title, expr] as const),
);

/** A query as Grafana sends it: with what its variables stand for. */
export const filledIn = (expr: string, manager: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$manager', manager);
