import type * as dashboardPackage from 'tasker-dashboard';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { importPeer } from '../basics/import-peer.ts';
import type { Messages } from './messages.ts';

/** What a page shows. */
type Managers = Parameters<DashboardPackage['createDashboard']>[0]['managers'];

type DashboardPackage = typeof dashboardPackage;

/** The page of `--dashboard`, on this machine only. It ends with the command, whoever watches. */
export class Dashboard {
  readonly #package: DashboardPackage;
  readonly #port: number;
  #close = async (): Promise<void> => {};

  private constructor(dashboard: DashboardPackage, port: number) {
    this.#package = dashboard;
    this.#port = port;
  }

  /** Loads what it takes; undefined if no port is given. A port of 0 is any that is free. Rejects with `UsageError`. */
  static async load(port: number | undefined): Promise<Dashboard | undefined> {
    if (port === undefined) return undefined;
    return new Dashboard(await importPeer('tasker-dashboard', '--dashboard'), port);
  }

  /** Shows managers, and tells where. Rejects with `UsageError` if the port is taken. */
  async open(managers: Managers, messages: Messages): Promise<void> {
    const page = this.#package.createDashboard({ managers });
    try {
      const server = await this.#package.serve(page, { port: this.#port });
      this.#close = async () => {
        page.close();
        await server.close();
      };
      messages.tell(`dashboard: ${server.url}`);
    } catch (error) {
      page.close();
      throw new UsageError(`--dashboard ${this.#port} cannot be opened: ${messageOf(error)}`, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}
