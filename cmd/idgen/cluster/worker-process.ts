import cluster, { type Worker } from 'node:cluster'
import { type ToWorker, toPrimary } from './messages.ts'
import type { Switchboard } from './switchboard.ts'
import { watchConnections } from './untaken-connections.ts'

/** How a worker process ended. */
export interface End {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: string | null
  /** Why it could not serve, if that is known. */
  readonly why: string | undefined
}

/** One worker process as the primary sees it, from its start to its end. */
export class WorkerProcess {
  readonly ended: Promise<End>
  readonly #worker: Worker
  readonly #switchboard: Switchboard
  readonly #onListening: () => void
  #why: string | undefined

  /** @throws Error if the machine lets no process start. */
  constructor(
    switchboard: Switchboard,
    start: Extract<ToWorker, { kind: 'start' }>,
    onListening: () => void,
  ) {
    this.#switchboard = switchboard
    this.#onListening = onListening
    this.#worker = cluster.fork()
    this.ended = this.#end(watchConnections(this.#worker.process))
    switchboard.connect(this.#worker.id, (message) => this.tell(message))
    this.#worker.on('message', (message) => this.#hear(message))
    this.tell(start)
  }

  /** To one that is gone this does nothing. */
  tell(message: ToWorker): void {
    this.#worker.process.send(message, () => {})
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  #hear(said: unknown): void {
    const { data: message } = toPrimary.safeParse(said)
    const { id } = this.#worker
    if (message?.kind === 'ask') this.#switchboard.ask(id, message)
    if (message?.kind === 'answer') this.#switchboard.answer(id, message)
    if (message?.kind === 'failed') this.#why = message.why
    if (message?.kind === 'listening') {
      this.#switchboard.include(id)
      this.#onListening()
    }
  }

  async #end(closeUntaken: () => void): Promise<End> {
    const { id, process: child } = this.#worker
    // What it said before is heard by then: Node looks at what was written before it looks at signals.
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      this.#worker.on('error', (error) => {
        // Else it is about a message to a process that is gone.
        if (child.pid !== undefined) return
        this.#why = error.message
        resolve()
      })
    })
    this.#switchboard.disconnect(id)
    closeUntaken()
    const { pid, exitCode: code, signalCode: signal } = child
    return { pid, code, signal, why: this.#why }
  }
}
