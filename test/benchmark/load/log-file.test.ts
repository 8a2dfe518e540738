import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readLog } from './log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'goloves-log-'))
const file = join(folder, 'answers.log')

afterAll(() => rmSync(folder, { recursive: true }))

/** A log of answers to questions that were asked so many microseconds apart. */
function write(apartUs: number, latenciesUs: readonly number[]): void {
  const lines = latenciesUs.map((us, index) => `${1e15 + index * apartUs}\t${us}\n`)
  writeFileSync(file, lines.join(''))
}

test('latencies are those of all answers', async () => {
  write(1000, [5, 500, 50, 0])
  const { latencies, isCarried } = await readLog(file, 1000)
  expect([latencies.count, latencies.min, latencies.max]).toStrictEqual([4, 1, 500])
  expect(isCarried).toBe(true)
})

test('a rate that was not kept up is not carried', async () => {
  write(1100, Array(100).fill(5))
  expect((await readLog(file, 1000)).isCarried).toBe(false)
})
