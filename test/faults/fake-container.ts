/**
 * A node in a container that is not there: its disk is a folder, on which commands really run; what the kernel would
 * do (quotas, limits, packets, lack of memory) is played. A switched-off effect is one that the world refused silently.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ClusterNode,
  Executed,
  NodeContainer,
  NodeLook,
  NodeState,
} from '../../src/cluster/cluster.ts';

type Play = (command: string) => string | undefined;

export class FakeContainerNode implements ClusterNode, NodeContainer {
  readonly roles = ['broker'] as const;
  readonly container: NodeContainer = this;
  readonly addresses = {
    CLIENT: { host: '172.18.0.11', port: 9001 },
    BROKER: { host: '172.18.0.11', port: 9002 },
  };
  readonly id: number;
  readonly dataDir: string;
  state: NodeState = 'running';
  calls: string[] = [];
  /** Whether faults do what they are told to. */
  works = true;
  failing = new Set<string>();
  commands: string[] = [];
  filled = false;
  mayEnd = false;
  harness: Server | null = null;
  #process = 1;
  #container = 1;
  #outOfMemory = false;
  #quota: number | null = null;
  #throttled = 0;
  #connected = true;
  #rules: string[] = [];

  private constructor(id: number, dataDir: string) {
    this.id = id;
    this.dataDir = dataDir;
  }

  static async create(id: number): Promise<FakeContainerNode> {
    const node = new FakeContainerNode(id, await mkdtemp(join(tmpdir(), 'ordeal-disk-')));
    await node.#format();
    return node;
  }

  async #format(): Promise<void> {
    await writeFile(join(this.dataDir, 'meta.properties'), `node.id=${this.id}\n`);
    await writeFile(join(this.dataDir, '.kafka_cleanshutdown'), '');
  }

  async look(): Promise<NodeLook> {
    const alive = this.state === 'running';
    return { process: alive ? `process ${this.#process}` : null, stopped: false };
  }

  async #to(call: string, state: NodeState): Promise<void> {
    this.calls.push(call);
    if (this.failing.has(call)) throw new Error(`${call} failed`);
    this.state = state;
  }
  kill = (): Promise<void> => this.#to('kill', this.works ? 'killed' : 'running');
  stop = (): Promise<void> => this.#to('stop', 'stopped');
  pause = (): Promise<void> => this.#to('pause', 'paused');
  resume = (): Promise<void> => this.#to('resume', 'running');
  async start(): Promise<void> {
    if (this.state === 'running') throw new Error('runs already');
    this.#process++;
    this.mayEnd = false;
    await this.#to('start', 'running');
  }

  async inspect(): Promise<{ readonly id: string; readonly outOfMemory: boolean }> {
    return { id: `c${this.#container}`, outOfMemory: this.#outOfMemory };
  }
  expectEnd(): void {
    this.mayEnd = true;
  }
  async recreate(disk: 'same' | 'empty'): Promise<void> {
    this.calls.push(`recreate ${disk}`);
    if (this.failing.has('recreate')) throw new Error('recreate failed');
    if (!this.works) return;
    this.#container++;
    if (disk === 'same') return;
    await rm(this.dataDir, { recursive: true });
    await mkdir(this.dataDir);
  }
  async limitCpus(cpus: number | null): Promise<void> {
    this.calls.push(`cpus ${cpus}`);
    if (this.works) this.#quota = cpus;
  }
  async disconnect(): Promise<void> {
    this.calls.push('disconnect');
    if (!this.works) return;
    this.#connected = false;
    this.harness?.close();
  }
  async connect(): Promise<void> {
    this.calls.push('connect');
    this.#connected = true;
  }

  /** A HARNESS listener that takes connections and never answers would look dead; nothing here asks more. */
  async listen(): Promise<number> {
    const server = createServer();
    this.harness = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }

  async exec(where: 'node' | 'pod', command: readonly string[]): Promise<Executed> {
    const line = command.join(' ');
    this.commands.push(`${where}: ${line}`);
    if (where === 'node' && this.state !== 'running') {
      return { exitCode: 1, output: 'the container does not run' };
    }
    for (const play of this.#plays) {
      const output = play(line);
      if (output !== undefined) return { exitCode: 0, output };
    }
    return really(command);
  }

  /** What is not for a real shell. */
  readonly #plays: readonly Play[] = [
    (line) => (line.includes('oom_score_adj') ? '' : undefined),
    (line) => {
      if (!line.includes('/dev/zero >')) return undefined;
      if (this.works) {
        this.#outOfMemory = true;
        this.state = 'exited';
      }
      return '';
    },
    (line) => {
      if (!line.includes('cpu.stat')) return undefined;
      if (this.#quota !== null) this.#throttled++;
      const quota = this.#quota === null ? 'max 100000' : `${this.#quota * 100_000} 100000`;
      return `${quota}\nnr_periods 10\nnr_throttled ${this.#throttled}\nthrottled_usec 0`;
    },
    (line) => {
      if (!line.includes('dd if=/dev/zero')) return undefined;
      this.filled = this.works;
      return '';
    },
    (line) => {
      if (!line.startsWith('rm -f') || !line.includes('filler')) return undefined;
      this.filled = false;
      return '';
    },
    (line) =>
      line.startsWith('df ')
        ? `Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 65536 ${this.filled ? 65536 : 100} ${this.filled ? 0 : 65436} 9% /data`
        : undefined,
    (line) => {
      if (!line.includes('prlimit')) return undefined;
      if (this.works) this.state = 'exited';
      return `Max file size             ${this.works ? '0        ' : 'unlimited'}            unlimited            bytes`;
    },
    (line) =>
      line.includes('/proc/net/dev')
        ? `Inter-| Receive\n face |bytes\n    lo: 1 2 3${this.#connected ? '\n  eth0: 4 5 6' : ''}`
        : undefined,
    (line) => {
      if (!line.includes('iptables')) return undefined;
      if (line.includes('-nvxL')) {
        const rules = this.works ? this.#rules : [];
        return ['Chain INPUT', ...rules.map((rule) => `      7     420 DROP  6 -- ${rule}`)].join(
          '\n',
        );
      }
      this.#rules = line.includes(' -A ') ? [`/* ${/--comment (\S+)/.exec(line)?.[1]} */`] : [];
      return '';
    },
  ];

  get rules(): readonly string[] {
    return this.#rules;
  }
  get quota(): number | null {
    return this.#quota;
  }
}

const really = ([program = '', ...args]: readonly string[]): Promise<Executed> =>
  new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code ?? 1);
      resolve({ exitCode, output: `${stdout}${stderr}`.trim() });
    });
  });
