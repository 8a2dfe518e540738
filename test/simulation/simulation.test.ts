import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { FAULTS_MIN, IDS_MIN, simulate } from './simulation.ts'

const SIMULATE = join(import.meta.dirname, 'simulate.ts')
const SEEDS_MIN = 100
const SECONDS = 60
const LIMIT_MS = 300_000

test(
  'in no world of a minute does an id leave twice, or is another promise broken',
  async () => {
    const args = [SIMULATE, '--seeds', String(SEEDS_MIN), '--seconds', String(SECONDS)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS })
    process.stdout.write(`simulation: ${stdout}`)
    const [, seeds, ids, faults] =
      /^(\d+) seeds, \d+ ids \(at least (\d+) each\), \d+ faults \(at least (\d+) each\)/m.exec(
        stdout,
      ) ?? []
    expect(Number(seeds)).toBeGreaterThanOrEqual(SEEDS_MIN)
    expect(Number(ids)).toBeGreaterThanOrEqual(IDS_MIN)
    expect(Number(faults)).toBeGreaterThanOrEqual(FAULTS_MIN)
  },
  LIMIT_MS,
)

test('a seed has the same in store each time', async () => {
  const [one, other] = [await simulate(7), await simulate(7)]
  expect({ ...other, faults: other.faults.byKind }).toEqual({ ...one, faults: one.faults.byKind })
  expect((await simulate(8)).ids).not.toBe(one.ids)
})
