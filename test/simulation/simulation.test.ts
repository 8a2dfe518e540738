import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { FAULTS_MIN, IDS_MIN, KINDS, simulate } from './simulation.ts'

const SIMULATE = join(import.meta.dirname, 'simulate.ts')
const SEEDS_MIN = 50
const SECONDS = 60
const LIMIT_MS = 300_000

test(
  'in no world of a minute does an id leave twice, or is another promise broken',
  async () => {
    const args = [SIMULATE, '--seeds', String(SEEDS_MIN), '--seconds', String(SECONDS)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS })
    process.stdout.write(`simulation: ${stdout}`)
    for (const kind of KINDS) {
      const sums = new RegExp(
        `^${kind}: (\\d+) seeds, \\d+ ids \\(at least (\\d+) each\\), \\d+ faults \\(at least (\\d+) each\\)`,
        'm',
      )
      const [, seeds, ids, faults] = sums.exec(stdout) ?? []
      expect(Number(seeds)).toBeGreaterThanOrEqual(SEEDS_MIN)
      expect(Number(ids)).toBeGreaterThanOrEqual(IDS_MIN)
      expect(Number(faults)).toBeGreaterThanOrEqual(FAULTS_MIN)
    }
  },
  LIMIT_MS,
)

test.each(KINDS)('a seed of kind %s has the same in store each time', async (kind) => {
  const [one, other] = [await simulate(kind, 7), await simulate(kind, 7)]
  expect({ ...other, faults: other.faults.byKind }).toEqual({ ...one, faults: one.faults.byKind })
  expect((await simulate(kind, 8)).ids).not.toBe(one.ids)
})
