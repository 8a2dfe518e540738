import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { eventually } from './eventually.ts'
import type { Surroundings } from './program.ts'
import { type RunningService, serve } from './running-service.ts'

const Start = z.object({ process: z.number(), pid: z.number(), instance: z.string() })

/** A worker process, as it told of itself in the log. */
export type WorkerStart = z.output<typeof Start>

/** A service of several processes, once all of them are ready. */
export async function serveTogether(
  workers: number,
  args: readonly string[] = [],
  surroundings?: Surroundings,
): Promise<RunningService> {
  const service = await serve(['--workers', String(workers), ...args], surroundings)
  await eventually(
    () => service.http('GET', '/readyz'),
    ({ status }) => status === 200,
  )
  return service
}

/** Every worker process that has listened so far. */
export function workersOf({ program }: RunningService): WorkerStart[] {
  return program.records('Started').map((record) => Start.parse(record))
}

/** The worker process that has the number at present; it may have ended. */
export function workerOf(service: RunningService, number: number): WorkerStart {
  const found = workersOf(service).findLast((start) => start.process === number)
  if (found === undefined) throw new Error(`There is no worker process ${number}.`)
  return found
}

/** Waits until another process has taken the place of this one, and serves. */
export async function replaced(
  service: RunningService,
  { process, pid }: WorkerStart,
): Promise<void> {
  await eventually(
    async () => workerOf(service, process).pid,
    (now) => now !== pid,
  )
}

/** Whether a process runs. One that has ended may wait for its end to be noted. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = `/proc/${pid}/stat`
    return !existsSync(stat) || !readFileSync(stat, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
