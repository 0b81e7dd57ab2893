/** A way to the real engine that can be shut: to whoever goes through it the engine is away then, and back later. */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class EngineDoor {
  readonly path: string;
  readonly #engine: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(path: string, engine: string) {
    this.path = path;
    this.#engine = engine;
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const behind = connect({ path: this.#engine, allowHalfOpen: true });
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => this.#sockets.delete(one));
        one.pipe(other);
      }
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(this.path, done));
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.path, { force: true });
  }
}
