/** `PORT=3000 DATABASE_URL=postgres://… npx tsx examples/bank/main.ts` */
import { createBank } from './service.ts';

const bank = createBank({ connectionString: process.env['DATABASE_URL'], application_name: 'pool' });
await bank.listen({ port: Number(process.env['PORT'] ?? 3000) });
console.log('listening');

process.once('SIGTERM', () => {
  void bank.close().then(() => console.log('closed'));
});
