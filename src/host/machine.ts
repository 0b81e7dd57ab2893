/** The machine's facts, stored with every run: numbers mean nothing without them. */
import { statfsSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, tmpdir, totalmem } from 'node:os';

export type MachineFacts = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly kernel: string;
  readonly node: string;
  /** Where brokers keep their data while a run lasts. */
  readonly freeDiskBytes: number;
};

export function machineFacts(): MachineFacts {
  const { bavail, bsize } = statfsSync(tmpdir());
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    node: process.version,
    freeDiskBytes: bavail * bsize,
  };
}
