import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Whether a process with this id runs here; a zombie, which lingers under some containers, does not. */
export function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    const state =
      process.platform === 'linux' ? stateOnLinux(pid) : execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return !/^[ZX]/.test(state.trim());
  } catch {
    return false;
  }
}

function stateOnLinux(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2);
}

/** The process's command line; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

/**
 * From where processes see each other by pid and over loopback: the machine since it started, and on Linux the namespaces.
 * Empty where that cannot be told.
 */
export function placeOfProcess(): string {
  if (process.platform !== 'linux') return '';
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return [boot, readlinkSync('/proc/self/ns/pid'), readlinkSync('/proc/self/ns/net')].join(' ');
  } catch {
    return '';
  }
}
