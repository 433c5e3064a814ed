/** The part of a `Client` of `pg` that is used here. */
export interface PgClient {
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  query(text: string, values?: unknown[]): Promise<{ readonly command: string; readonly rows: unknown[] }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  /** Present since `pg` 8.18; without it each task costs a `rollback`. */
  getTransactionStatus?(): string | null;
}

/** How another client asks for the query of a connection to be cancelled. */
export interface Origin {
  readonly makeClient: () => PgClient;
  /** The process of the server behind the connection. */
  readonly pid: number;
}

export const origins: WeakMap<PgClient, Origin> = new WeakMap();
