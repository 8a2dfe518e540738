import { spawnSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { Clock } from '../../pkg/clock/clock.ts'
import {
  storeUnavailable,
  tagFrozen,
  workerLeaseLost,
  workerPoolExhausted,
} from '../../pkg/errors/failures.ts'
import { parseTagName } from '../domain/entity/tag.ts'
import { FaultLog } from './fault-log.ts'
import { GeneratorLog } from './generator-log.ts'
import type { Logger } from './logger.ts'

/** A clock that stands at `ms`. */
class StoppedClock extends Clock {
  ms = 1000
  nowMs(): number {
    return this.ms
  }
  monotonicMs(): number {
    return this.ms
  }
  after(): () => void {
    throw new Error('Nothing here waits.')
  }
}

/** The lines that `act` logs. */
function logged(act: (logger: Logger, clock: StoppedClock) => void, level = 'info'): object[] {
  const lines: object[] = []
  act(pino({ level }, { write: (line) => lines.push(JSON.parse(line)) }), new StoppedClock())
  return lines
}

describe('a fault', () => {
  test('is logged once when it begins and once when it ends', () => {
    const lines = logged((logger, clock) => {
      const faults = new FaultLog(logger, clock)
      for (let attempt = 0; attempt < 50; attempt++) faults.failed('store', new Error('away'))
      clock.ms += 2500
      faults.worked('store')
      faults.worked('store')
    })
    expect(lines).toMatchObject([
      { level: 40, msg: 'Fault begins', what: 'store', err: { message: 'away' } },
      { level: 30, msg: 'Fault ends', what: 'store', lastedMs: 2500, attempts: 50 },
    ])
  })

  test('that comes back is logged again', () => {
    const lines = logged((logger, clock) => {
      const faults = new FaultLog(logger, clock)
      for (let round = 0; round < 2; round++) {
        faults.failed('store', new Error('away'))
        faults.worked('store')
      }
    })
    expect(lines).toHaveLength(4)
  })

  test('is logged however many last already, of which the oldest are forgotten', () => {
    const lines = logged((logger, clock) => {
      const faults = new FaultLog(logger, clock)
      for (let tag = 0; tag < 1000; tag++) faults.failed(`tag ${tag}`, new Error('away'))
      faults.failed('store', new Error('away'))
      for (const what of ['tag 0', 'tag 1', 'store']) faults.worked(what)
    })
    expect(lines).toHaveLength(1003)
    expect(lines.slice(1000)).toMatchObject([
      { msg: 'Fault begins', what: 'store' },
      { msg: 'Fault ends', what: 'tag 1' },
      { msg: 'Fault ends', what: 'store' },
    ])
  })
})

describe('what happens to tags', () => {
  const [one, other] = [parseTagName('one'), parseTagName('other')]

  test('a store that is away is one fault, however many tags it fails', () => {
    const lines = logged((logger, clock) => {
      const log = new GeneratorLog(logger, new FaultLog(logger, clock))
      log.failed(one, storeUnavailable(100))
      log.failed(other, storeUnavailable(100))
      log.failed(other, tagFrozen('other'))
      log.recovered(one)
    })
    expect(lines).toMatchObject([
      { msg: 'Fault begins', what: 'store', err: { code: 'STORE_UNAVAILABLE' } },
      { msg: 'Fault begins', what: 'tag other', err: { code: 'TAG_FROZEN' } },
      { msg: 'Fault ends', what: 'store' },
    ])
  })

  test('a lease and dropped ids are matters of debug', () => {
    const tell = (logger: Logger, clock: StoppedClock) => {
      const log = new GeneratorLog(logger, new FaultLog(logger, clock))
      log.leased(one, { first: 2n, last: 1001n }, 3)
      log.dropped(one, 2n ** 63n - 1n, 'deleted')
    }
    expect(logged(tell)).toStrictEqual([])
    expect(logged(tell, 'debug')).toMatchObject([
      { msg: 'Leased', tag: 'one', first: '2', last: '1001' },
      { msg: 'Dropped ids', tag: 'one', ids: '9223372036854775807', why: 'deleted' },
    ])
  })
})

describe('what happens to worker ids', () => {
  const holder = { pool: 'twitter', worker: 7, owner: 'this', epoch: 2n ** 62n }

  test('one that is held is told, with the layout it is for', () => {
    const lines = logged((logger, clock) => {
      new GeneratorLog(logger, new FaultLog(logger, clock)).workerHeld(holder)
    })
    expect(lines).toMatchObject([
      { level: 30, msg: 'Worker id held', layout: 'twitter', worker: 7, epoch: String(2n ** 62n) },
    ])
    expect(lines[0]).not.toHaveProperty('owner')
  })

  test('a store that is away is the one fault that it is for tags', () => {
    const lines = logged((logger, clock) => {
      const log = new GeneratorLog(logger, new FaultLog(logger, clock))
      log.failed(parseTagName('one'), storeUnavailable(100))
      log.workerFailed('twitter', storeUnavailable(100))
      log.workerFailed('sonyflake', storeUnavailable(100))
      log.workerRecovered('sonyflake')
    })
    expect(lines).toMatchObject([
      { msg: 'Fault begins', what: 'store', err: { code: 'STORE_UNAVAILABLE' } },
      { msg: 'Fault ends', what: 'store' },
    ])
  })

  test('what else keeps a layout without one is a fault of its own, and its cause is told', () => {
    const lines = logged((logger, clock) => {
      const log = new GeneratorLog(logger, new FaultLog(logger, clock))
      const lost = workerLeaseLost(500, new Error('the clock is off'))
      for (let attempt = 0; attempt < 3; attempt++) log.workerFailed('twitter', lost)
      log.workerFailed('js-safe', workerPoolExhausted('js-safe', 8, 900))
      log.workerRecovered('twitter')
      log.workerRecovered('twitter')
    })
    expect(lines).toMatchObject([
      {
        msg: 'Fault begins',
        what: 'worker id of twitter',
        err: { code: 'WORKER_LEASE_LOST', message: expect.stringContaining('the clock is off') },
      },
      { msg: 'Fault begins', what: 'worker id of js-safe', err: { code: 'WORKER_POOL_EXHAUSTED' } },
      { msg: 'Fault ends', what: 'worker id of twitter', attempts: 3 },
    ])
  })
})

test('lines still held when the process exits are written then', () => {
  const program = `
    const { openLog } = await import(${JSON.stringify(new URL('logger.ts', import.meta.url).href)})
    const logger = openLog('info')
    for (let line = 0; line < 1000; line++) logger.info('line ' + line)
    process.exit(0)`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect(stderr.split('\n')).toHaveLength(1001)
})
