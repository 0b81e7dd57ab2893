/**
 * Which process a pid means. Pids are used again, so a process that may have to be killed later is remembered
 * together with the moment it started.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type ProcessIdentity = {
  readonly pid: number;
  /** The kernel's start time, comparable only for equality. */
  readonly startedAt: string;
};

/** When the process started, or undefined when there is none (or it is a zombie, which holds nothing). */
export function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

export const isSameProcess = ({ pid, startedAt }: ProcessIdentity): boolean =>
  startTimeOf(pid) === startedAt;

/** Whether it is stopped by a signal (state T); only Linux can tell, elsewhere undefined. */
export function isStopped(pid: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Field 22 of /proc/PID/stat; the command in field 2 may hold spaces and parentheses. */
function startTimeFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return text === '' || text.startsWith('Z') ? undefined : text.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}
