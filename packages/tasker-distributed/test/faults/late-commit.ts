import pg from 'pg';

/**
 * Makes transactions of PostgreSQL commit late: of the events that are written, one in `every` waits in its transaction until others, with later
 * numbers, have committed, so that whoever reads the events in order has gone past it.
 */
export async function commitLate(url: string, { every, seconds }: { every: number; seconds: number }): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      create function bullmq.late() returns trigger language plpgsql as $$
      begin
        if new.event = 'completed' and new.id % ${every} = 0 then
          perform pg_sleep(${seconds});
        end if;
        return new;
      end $$;
      create trigger late after insert on bullmq.event for each row execute function bullmq.late();
    `);
  } finally {
    await client.end();
  }
}
