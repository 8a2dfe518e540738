import type { Logger } from '../../../internal/telemetry/logger.ts'
import type { Random } from '../../../pkg/async/backoff.ts'
import { WorkLoop } from '../../../pkg/async/work-loop.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { reasonsOf } from '../reasons.ts'
import type { End, WorkerProcess } from './worker-process.ts'

export interface WorkerSlotOptions {
  /** From 1; it stands in the log. */
  readonly number: number
  /**
   * Starts a process, to take the place of one that has ended or not, and says when it listens. May throw
   * if the machine lets no process start.
   */
  readonly launch: (
    isReplacement: boolean,
    onListening: () => void,
  ) => Pick<WorkerProcess, 'ended' | 'tell' | 'kill'>
  /** Told once why the first process could not serve; no other is started then. */
  readonly onFault: (fault: Error) => void
  readonly clock: Clock
  readonly random: Random
  readonly logger: Pick<Logger, 'warn'>
}

/** One that ends sooner than this is not replaced at once. */
const STEADY_MS = 30_000
const BACKOFF_MAX_MS = 10_000

/** Keeps one worker process running: once the first one listens, whichever ends is replaced. */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions
  readonly #loop: WorkLoop
  readonly #listening = Promise.withResolvers<void>()
  #hasListened = false
  #isStopping = false
  #stoppedWell = true
  #process: Pick<WorkerProcess, 'tell' | 'kill'> | undefined
  #running: Promise<boolean> = Promise.resolve(false)

  constructor(options: WorkerSlotOptions) {
    this.#options = options
    const { clock, random } = options
    this.#loop = new WorkLoop({
      work: () => {
        this.#running = this.#run()
        return this.#running
      },
      backoffMaxMs: () => BACKOFF_MAX_MS,
      clock,
      random,
    })
  }

  /** Starts the first process. Resolves once it listens; never, if that comes to nothing. */
  start(): Promise<void> {
    this.#loop.start()
    return this.#listening.promise
  }

  /** Lets the process drain and end. Resolves to whether it did as it should. */
  async stop(): Promise<boolean> {
    this.#isStopping = true
    this.#loop.stop()
    this.#process?.tell({ kind: 'stop' })
    await this.#running.catch(() => {})
    return this.#stoppedWell
  }

  kill(): void {
    this.#process?.kill()
  }

  /** Runs one process. @returns Whether another one is to follow at once. @throws Error if later. */
  async #run(): Promise<boolean> {
    const { number, onFault, clock, logger } = this.#options
    const isFirst = !this.#hasListened
    const beganMs = clock.monotonicMs()
    const { listened, ...end } = await this.#life(isFirst)
    const { code, signal, why } = end
    if (this.#isStopping) {
      // One that has served nobody has nothing to drain.
      if (code === 0 || !listened) return false
      this.#stoppedWell = false
    } else if (isFirst && (why !== undefined || !listened)) {
      onFault(new Error(why ?? `Worker process ${number} ended at its start: ${signal ?? code}.`))
      return false
    }
    logger.warn({ process: number, ...end }, 'Worker process ended')
    if (clock.monotonicMs() - beganMs < STEADY_MS) throw new Error('It ended soon after its start.')
    return true
  }

  async #life(isFirst: boolean): Promise<End & { readonly listened: boolean }> {
    let listened = false
    const onListening = () => {
      listened = true
      this.#hasListened = true
      this.#listening.resolve()
    }
    try {
      const process = this.#options.launch(!isFirst, onListening)
      this.#process = process
      const end = await process.ended
      return { ...end, listened }
    } catch (error) {
      return { pid: undefined, code: null, signal: null, why: reasonsOf(error), listened }
    } finally {
      this.#process = undefined
    }
  }
}
