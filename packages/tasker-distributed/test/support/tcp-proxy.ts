import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** The network between a process and its store: it can be cut, in the two ways in which networks are. */
export class TcpProxy {
  /** The store, as seen through this network. */
  readonly url: string;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #isSilent = false;

  private constructor(server: Server, url: URL) {
    this.#server = server;
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
  }

  static async before(storeUrl: string): Promise<TcpProxy> {
    const url = new URL(storeUrl);
    const port = Number(url.port);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, url);
    server.on('connection', (socket) => proxy.#accept(socket, port));
    return proxy;
  }

  /** What is sent gets lost, and nobody is told: as when a cable is pulled, or a firewall forgets. New connections fare no better until {@link mend}. */
  silence(): void {
    this.#isSilent = true;
    for (const connection of this.#connections) connection.silence();
  }

  /** New connections work; those that were open stay silent for ever. */
  mend(): void {
    this.#isSilent = false;
  }

  /** Ends all connections with a reset. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
    this.#connections.clear();
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket, port: number): void {
    const connection = new Connection(socket, connect(port, '127.0.0.1'), () => this.#connections.delete(connection));
    this.#connections.add(connection);
    if (this.#isSilent) connection.silence();
  }
}

/** One connection through the network: two sockets. */
class Connection {
  readonly #near: Socket;
  readonly #far: Socket;
  #isSilent = false;

  constructor(near: Socket, far: Socket, ended: () => void) {
    this.#near = near;
    this.#far = far;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => {
        if (!this.#isSilent) to.write(data);
      });
      from.on('error', () => {}); // its close follows
      from.on('close', () => {
        if (!this.#isSilent) to.destroy();
        ended();
      });
    }
  }

  silence(): void {
    this.#isSilent = true;
  }

  reset(): void {
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }
}
