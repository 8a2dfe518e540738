import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { BREACHES, type Breach } from './findings.ts'
import { MUTATIONS } from './mutations.ts'
import { KINDS, type Kind } from './simulation.ts'
import { FENCE_OFF } from './snowflake/mutations.ts'

const MUTANT = join(import.meta.dirname, 'mutant.ts')
const SEEDS_MAX = 400
const SEEDS_WITHOUT_FENCE = 60
/** For each of them, and for all that may run before it. */
const LIMIT_MS = 600_000

/** A mutant that lives in a process of its own, and what that process prints. */
class Mutant {
  readonly #args: readonly string[]
  readonly #output = Promise.withResolvers<string>()

  constructor(kind: Kind, name: string, breach: Breach, seeds: number) {
    this.#args = [MUTANT, kind, name, breach, String(seeds)]
  }

  /** Runs it to its end. Never rejects: what went wrong takes the place of the output. */
  async run(): Promise<void> {
    const child = promisify(execFile)(process.execPath, this.#args, { timeout: LIMIT_MS })
    this.#output.resolve(await child.then(({ stdout }) => stdout, String))
  }

  get output(): Promise<string> {
    return this.#output.promise
  }
}

const mutants = KINDS.flatMap((kind) =>
  MUTATIONS[kind].map(({ name, finds }) => ({
    kind,
    name,
    finds,
    mutant: new Mutant(kind, name, finds, SEEDS_MAX),
  })),
)
const withoutFence = new Mutant('snowflake', FENCE_OFF.name, 'given twice', SEEDS_WITHOUT_FENCE)
const deaths: string[] = []

/** Two at a time, so that they leave something of the machine to others. */
beforeAll(() => {
  const waiting = [withoutFence, ...mutants.map(({ mutant }) => mutant)]
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next.run()
  }
  void lane()
  void lane()
})

afterAll(() => {
  process.stdout.write(`mutants, with the seeds that gave them away: ${deaths.join(', ')}\n`)
})

describe('the verifier finds out', () => {
  test.each(mutants)(
    '$kind, $name: $finds',
    async ({ name, finds, mutant }) => {
      const output = await mutant.output
      expect(output).toContain(`: ${finds}: `)
      deaths.push(`${name} ${output.match(/\d+(?=: [^\n]*\n$)/)}`)
    },
    LIMIT_MS,
  )

  test('every breach there is', () => {
    expect(new Set(mutants.map(({ finds }) => finds))).toEqual(new Set(BREACHES))
  })
})

test(
  'without the end of leases by the monotonic clock, no id is given twice all the same',
  async () => {
    const breaches = [...(await withoutFence.output).matchAll(/^seed \d+: ([^:]+): /gm)]
    expect(new Set(breaches.map(([, breach]) => breach))).toEqual(new Set([FENCE_OFF.finds]))
  },
  LIMIT_MS,
)
