import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, jest } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { ChildProgram, type Ended } from './child-program.ts'

export type { Ended } from './child-program.ts'

/** Where and how a program runs. */
export interface Surroundings {
  /** Its working directory; one of its own unless given. */
  readonly folder?: string
  /** Added to the environment of the tests, of which no setting is passed on. */
  readonly env?: NodeJS.ProcessEnv
  /** What runs; Node unless given. */
  readonly command?: string
  /** The project that `idgen` is of; this one unless given. */
  readonly root?: string
}

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
  return Program.idgen(args, surroundings).ended
}

/** A program as a process of its own, which does not outlive the tests of the file. */
export class Program extends ChildProgram {
  /** @param args What the command is given: for Node, the program's file and its arguments. */
  constructor(
    args: readonly string[],
    { folder = newFolder(), env = {}, command = process.execPath }: Surroundings = {},
  ) {
    // A test that ran out of time goes on behind our back.
    if (isOver) throw new Error('The tests of this file are over.')
    super(command, args, folder, { NODE_COMPILE_CACHE: COMPILE_CACHE, ...env })
    programs.add(this)
    const forget = () => programs.delete(this)
    this.ended.then(forget, forget)
  }

  /** Starts `idgen` with these arguments. */
  static idgen(args: readonly string[], surroundings?: Surroundings): Program {
    const main = join(surroundings?.root ?? PACKAGE_ROOT, 'cmd', 'idgen', 'main.ts')
    return new Program([main, ...args], surroundings)
  }
}
