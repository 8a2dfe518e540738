import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, jest } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

/** Where and how a program runs. */
export interface Surroundings {
  /** Its working directory; one of its own unless given. */
  readonly folder?: string
  /** Added to the environment of the tests, of which no setting is passed on. */
  readonly env?: NodeJS.ProcessEnv
  /** What runs; Node unless given. */
  readonly command?: string
}

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const MAIN = join(PACKAGE_ROOT, 'cmd', 'idgen', 'main.ts')

/** What Node has compiled once it need not compile again; that halves the time of a start. */
const COMPILE_CACHE = join(PACKAGE_ROOT, 'node_modules', '.cache', 'node')
const TEST_LIMIT_MS = 30_000

const programs = new Set<Program>()
const folders = new Set<string>()
let isOver = false

// A program takes a second to start, and several on a busy machine take longer.
jest.setTimeout(TEST_LIMIT_MS)

afterAll(async () => {
  isOver = true
  await Promise.all([...programs].map((program) => program.end('SIGKILL')))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder, which goes when all tests of the file are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goloves-e2e-'))
  folders.add(folder)
  return folder
}

/** Runs `idgen` with these arguments to its end. */
export function idgen(args: readonly string[], surroundings?: Surroundings): Promise<Ended> {
  return new Program([MAIN, ...args], surroundings).ended
}

/** A program as a process of its own, which does not outlive the tests of the file. */
export class Program {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  #stdout = ''
  #stderr = ''
  #isOver = false
  #news = Promise.withResolvers<void>()

  /** @param args What the command is given: for Node, the program's file and its arguments. */
  constructor(
    args: readonly string[],
    { folder = newFolder(), env = {}, command = process.execPath }: Surroundings = {},
  ) {
    // A test that ran out of time goes on behind our back.
    if (isOver) throw new Error('The tests of this file are over.')
    this.#child = spawn(command, args, {
      cwd: folder,
      env: { ...withoutSettings(process.env), NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
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
    programs.add(this)
  }

  /** Starts `idgen` with these arguments. */
  static idgen(args: readonly string[], surroundings?: Surroundings): Program {
    return new Program([MAIN, ...args], surroundings)
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
    // Not 'exit': the last words may arrive after it.
    await once(this.#child, 'close')
    this.#isOver = true
    this.#tell()
    programs.delete(this)
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
