/** SSH by `ssh2`: commands on a server, several over one connection, which is lost on the way. The server is here, too. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import ssh2 from 'ssh2';
import type { Client, Connection, ServerChannel } from 'ssh2';
import { createTaskManager } from 'tasker';

// The server knows three commands: `echo`, `fail`, and `sleep`, which ends when its channel is closed.
const { private: hostKey } = ssh2.utils.generateKeyPairSync('ed25519');
const connections = new Set<Connection>();
const sleeping = new Set<ServerChannel>();
const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
  connections.add(client);
  client.on('error', () => {}).on('close', () => connections.delete(client));
  client.on('authentication', (request) =>
    request.method === 'password' && request.password === 'secret' ? request.accept() : request.reject(['password']),
  );
  client.on('session', (accept) => {
    let channel: ServerChannel;
    const session = accept();
    session.on('signal', () => {
      sleeping.delete(channel);
      channel.end();
    });
    session.on('exec', (accept, _, { command }) => {
      channel = accept();
      if (command === 'sleep') return sleeping.add(channel);
      channel.write(command.replace('echo ', ''));
      channel.exit(command === 'fail' ? 1 : 0);
      return channel.end();
    });
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

class ConnectionLost extends Error {}

const hosts = await createTaskManager<Client>({
  onCreate: async ({ invalidate }) => {
    const client = new ssh2.Client();
    client.on('error', () => {}); // without a listener it ends the process; `close` follows
    client.on('close', () => invalidate(new ConnectionLost('the connection is closed')));
    client.connect({
      host: '127.0.0.1',
      port,
      username: 'tasker',
      password: 'secret',
      readyTimeout: 5_000,
      keepaliveInterval: 10_000, // a firewall does not forget it, and one that is dead is noticed after three
      keepaliveCountMax: 3,
    });
    await once(client, 'ready'); // rejects on `error`
    return client;
  },
  onDestroy: (client) => void client.end(),
  // A command that fails is the task's own. On a connection that is closing, `ssh2` throws at once.
  checkHealth: (error) => !(error instanceof ConnectionLost || (error as Error).message === 'Not connected'),
  workerCount: 1,
  maxWorkerCount: 2,
  tasksPerWorker: 8, // channels of one connection; OpenSSH allows 10, see MaxSessions
  resourcePoolSize: 0,
});

/** What a command prints. A channel that is closed without an exit code was cut off with its connection. */
const execute = (client: Client, command: string, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(new ConnectionLost(error.message));
      const stop = (): void => {
        channel.signal('KILL'); // to close the channel alone may leave the command running
        channel.close();
      };
      if (signal.aborted) stop(); // while the channel was being opened
      signal.addEventListener('abort', stop, { once: true });
      let output = '';
      channel.on('data', (chunk: Buffer) => (output += chunk)).stderr.resume();
      channel.on('close', (code: number | undefined) => {
        if (code === 0) resolve(output);
        else reject(code === undefined ? new ConnectionLost('cut off') : new Error(`exit code ${code}`));
      });
    });
  });
const run = (command: string, timeout = 10_000) =>
  hosts.queueTask((client, { signal }) => execute(client, command, signal), { name: command, timeout });

const words = await Promise.all(['echo one', 'echo two', 'echo three', 'echo four'].map((command) => run(command)));
console.log(`${words.join(', ')} over ${connections.size} connection`);
await run('fail').catch((error: Error) => console.log(error.message));
await run('sleep', 100).catch((error: Error) => console.log(error.message));
await hosts.onIdle();
console.log(`${sleeping.size} commands are left on the server`);

const again = hosts.queueTask((client, { attempt, signal }) => {
  if (attempt > 1) return execute(client, `echo again, attempt ${attempt}`, signal);
  void setTimeout(50).then(() => connections.forEach((connection) => connection.end())); // the server is restarted
  return execute(client, 'sleep', signal);
});
console.log(await again);
await hosts.stop();
server.close();
