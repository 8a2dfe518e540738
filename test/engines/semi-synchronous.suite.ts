import { afterEach, expect, test } from '@jest/globals'
import { countsOf, seconds } from '../support/figures.ts'
import { DATABASE } from './engine.ts'
import { Instances, REFUSALS, TAGS } from './instances.ts'
import { measureLeases } from './measure-leases.ts'
import { type Replication, startReplication } from './replication.ts'

/**
 * Goal: promise 1 where a commit is acknowledged only when a replica has it, and an operator lets the
 * replica that has most take over.
 * Method: the source is killed; or it stands still, is replaced, and wakes up still believing that it is
 * the source. It can acknowledge nothing any more, since nobody follows it.
 */

let replication: Replication

afterEach(() => Promise.all(replication.servers.map((server) => server.end())))

test.each(['kill -9', 'SIGSTOP'] as const)(
  'no id leaves twice after a %s of the source and its replacement',
  async (failure) => {
    replication = await startReplication(true)
    const [source, one, other] = replication.servers
    if (!source || !one || !other) throw new Error('These are not three servers.')
    await measureLeases(replication)
    const instances = await Instances.start(replication)

    const beganMs = performance.now()
    if (failure === 'SIGSTOP') source.freeze()
    else await source.kill()
    const best = await replication.aheadOf(one, other)
    await replication.promote(best, best === one ? other : one)
    const promotedMs = performance.now() - beganMs
    await instances.untilAnswered()
    const pauses = TAGS.map((tag) => `${tag} ${seconds(instances.longestPauseMs(tag, beganMs))}`)
    source.thaw()
    if (failure === 'SIGSTOP') {
      const write = `UPDATE ${DATABASE}.leaf_alloc SET description = UUID()`
      await expect(source.query(write, 3_000)).rejects.toThrow()
    }
    await instances.untilAnswered()

    const refusals = instances.refusals()
    const ids = await instances.end()
    process.stdout.write(
      `${replication.name}, ${failure} of the source: replaced after ${seconds(promotedMs)}; longest ` +
        `pause of ${pauses.join(', ')}; ids: ${countsOf(ids)}; ` +
        `refusals: ${countsOf(refusals) || 'none'}; none twice\n`,
    )
    expect(REFUSALS).toEqual(expect.arrayContaining([...refusals.keys()]))
  },
  240_000,
)
