import { readFileSync } from 'node:fs'

/** Of Linux, wherever Node runs. */
const TICKS_PER_SECOND = 100
/** Where they are behind the name, which is in brackets and may be anything. */
const USER = 11
const SYSTEM = 12

/** How long a process has had a core, in seconds; undefined where the system has no /proc. */
export function cpuSecondsOf(pid: number): number | undefined {
  return process.platform === 'linux'
    ? cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    : undefined
}

/** @param stat As in /proc/PID/stat. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_SECOND
}
