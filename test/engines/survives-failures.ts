import { expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { countsOf, seconds } from '../support/figures.ts'
import type { DatabaseServer } from './database-server.ts'
import { DATABASE, type Engine } from './engine.ts'
import { AMPLE, Instances, RECOVERY_LIMIT_MS, REFUSALS, TAGS } from './instances.ts'
import { measureLeases } from './measure-leases.ts'

/**
 * Goal: promises 1, 2, 5 and 8, whatever happens to one server of an engine that keeps its commits.
 * Method: four instances at full speed, both modes. The server that most of them use is killed, stands
 * still or is cut off from the others; the others go on before it may come back. In the end every id
 * that left is compared with every other.
 */
const ROUNDS = 2

type Failure = 'kill -9' | 'SIGSTOP' | 'cut off'
const FAILURES: readonly Failure[] = ['kill -9', 'SIGSTOP', 'cut off']

const FROM_MEMORY = [AMPLE, 'snowflake']
/** Longer than a busy machine takes to answer from memory, and shorter than any engine takes to recover. */
const NO_PAUSE_MS = 3_000

/** @param args Of the services, besides what makes them lease all the time. */
export function survivesFailures(started: () => Engine, ...args: string[]): void {
  let instances: Instances

  test('four instances begin to issue', async () => {
    await measureLeases(started())
    instances = await Instances.start(started(), ...args)
  }, 240_000)

  const strikes = Array.from({ length: ROUNDS }, () => FAILURES).flat()

  test.each(strikes)(
    'callers are answered after a %s of the server in use, all the time from memory',
    async (failure) => {
      const engine = started()
      const beganMs = performance.now()
      const server = await engine.inUse()
      const back = await strike(engine, server, failure)
      const others = engine.servers.filter((other) => other !== server)
      const engineMs = await timeUntilWritable(others)
      await instances.untilAnswered()
      const pauses = TAGS.map((tag) => `${tag} ${seconds(instances.longestPauseMs(tag, beganMs))}`)
      await back()
      await engine.untilWhole()
      await instances.untilAnswered()
      const inMemory = FROM_MEMORY.map((tag) => instances.longestPauseMs(tag, beganMs))

      process.stdout.write(
        `${engine.name}, ${failure} of server ${server.number}: takes writes again after ` +
          `${seconds(engineMs)}; longest pause of ${pauses.join(', ')}\n`,
      )
      for (const ms of inMemory) expect(ms).toBeLessThan(NO_PAUSE_MS)
    },
    240_000,
  )

  test('no id left twice, and no caller heard of a lost worker id', async () => {
    const refusals = instances.refusals()
    const ids = await instances.end()
    const engine = started()
    process.stdout.write(
      `${engine.name}: ids: ${countsOf(ids)}; refusals: ${countsOf(refusals) || 'none'}; none twice\n`,
    )
    expect(REFUSALS).toEqual(expect.arrayContaining([...refusals.keys()]))
    for (const tag of TAGS) expect(ids.get(tag)).toBeGreaterThan(10_000n)
  }, 120_000)
}

/** @returns What brings the server back. */
async function strike(
  engine: Engine,
  server: DatabaseServer,
  failure: Failure,
): Promise<() => Promise<void>> {
  switch (failure) {
    case 'kill -9':
      await server.kill()
      return () => engine.restart(server)
    case 'SIGSTOP':
      server.freeze()
      return async () => server.thaw()
    case 'cut off':
      await server.cutOff()
      return () => server.rejoin()
  }
}

/** How long it takes until one of the servers commits something again. */
async function timeUntilWritable(servers: readonly DatabaseServer[]): Promise<number> {
  const beganMs = performance.now()
  const sql = `UPDATE ${DATABASE}.leaf_alloc SET description = UUID() WHERE biz_tag = '${AMPLE}'`
  const write = (server: DatabaseServer) =>
    server
      .query(sql, 500)
      .then(() => true)
      .catch(() => false)
  const somewhere = () => Promise.all(servers.map(write))
  await eventually(somewhere, (written) => written.includes(true), RECOVERY_LIMIT_MS)
  return performance.now() - beganMs
}
