/** What all have in common: a manager, and a page of it below `/tasker`. */
const DASHBOARD = `
import { createTaskManager } from 'tasker';
import { createDashboard } from 'tasker-dashboard';

const images = await createTaskManager({ workerCount: 2 });
export const dashboard = createDashboard({ managers: { images }, basePath: '/tasker' });
`;

/** What is installed, which files there are, what is run before, and how the server is started: commands of npx. */
export const RUNTIMES = {
  bun: {
    packages: ['bun'],
    files: {
      'dashboard.js': DASHBOARD,
      'bun.js': `
        import { dashboard } from './dashboard.js';
        const { port } = Bun.serve({ fetch: dashboard.fetch, hostname: '127.0.0.1', port: 0 });
        console.log('http://127.0.0.1:' + port);`,
    },
    start: ['bun', 'bun.js'],
  },
  deno: {
    packages: ['deno'],
    files: {
      'dashboard.js': DASHBOARD,
      'deno.js': `
        import { dashboard } from './dashboard.js';
        Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: ({ port }) => console.log('http://127.0.0.1:' + port) }, dashboard.fetch);`,
    },
    start: ['deno', 'run', '--allow-net', '--allow-env', '--allow-read', 'deno.js'],
  },
  next: {
    packages: ['next', 'react', 'react-dom'],
    files: {
      'app/tasker/[[...path]]/route.js': `
        import { createTaskManager } from 'tasker';
        import { createDashboard } from 'tasker-dashboard';

        const images = await createTaskManager({ workerCount: 2 });
        const dashboard = createDashboard({ managers: { images }, basePath: '/tasker' });
        export const dynamic = 'force-dynamic';
        export const GET = dashboard.fetch;
        export const POST = dashboard.fetch;`,
    },
    prepare: ['next', 'build'],
    start: ['next', 'start', '--hostname', '127.0.0.1', '--port', '0'],
  },
};
