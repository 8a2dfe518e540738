import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A program as a process of its own. */
export class ChildProgram {
  /** Rejects if the program could not be started. */
  readonly ended: Promise<Ended>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  #stdout = ''
  #stderr = ''
  #isOver = false
  #news = Promise.withResolvers<void>()

  /**
   * @param folder Its working directory.
   * @param env Added to the environment of this process, of which no setting is passed on.
   */
  constructor(
    command: string,
    args: readonly string[],
    folder: string,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.#child = spawn(command, args, {
      cwd: folder,
      env: { ...withoutSettings(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#tell()
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#tell()
    })
    this.ended = this.#end()
  }

  /** Undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Waits until what was said so far matches. @throws Error if the program ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const news = this.#news.promise
      const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr)
      if (found !== null) return found
      if (this.#isOver) throw new Error(`It never said ${pattern}:\n${this.#stdout}${this.#stderr}`)
      await news
    }
  }

  /** The messages logged so far, those of either stream in their order. */
  logged(): string[] {
    return this.#lines().flatMap(messageOf)
  }

  /** All that was logged so far with this message. */
  records(message: string): unknown[] {
    const lines = this.#lines().filter((line) => messageOf(line)[0] === message)
    return lines.map((line) => JSON.parse(line))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Sends a signal, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended> {
    this.signal(signal)
    return this.ended
  }

  #lines(): string[] {
    const lines = `${this.#stdout}\n${this.#stderr}`.split('\n')
    return lines.filter((line) => line.startsWith('{'))
  }

  async #end(): Promise<Ended> {
    try {
      // Not 'exit': the last words may arrive after it.
      await once(this.#child, 'close')
    } finally {
      this.#isOver = true
      this.#tell()
    }
    const { exitCode: code, signalCode: signal } = this.#child
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr }
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GOLOVES_')))
}

/** A line may still be on its way. */
function messageOf(line: string): string[] {
  const message = /"msg":"((?:[^"\\]|\\.)*)"\}$/.exec(line)?.[1]
  return message === undefined ? [] : [message]
}
