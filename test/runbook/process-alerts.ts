import { expect } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { isAlive } from '../support/worker-processes.ts'
import { atEnd, Site } from './site.ts'
import type { Walk } from './walk.ts'

// As those of tags: into the state of an alert, and out of it.

const HOUR_MS = 3_600_000

export async function down(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  const { code, stderr } = await walk.sh(site)
  expect(`${code} ${stderr}`).toMatch(/^1 No service answers at /)
  await walk.serve(site)
  expect(await walk.run(site)).toMatch(/^SERVING\n\{"ready":true/)
}

export async function workerPoolFull(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  const { database } = site
  await database.query(`INSERT INTO leaf_worker VALUES ('js-safe', -1, NULL, 0, 0, 0)`)
  for (let worker = 0; worker < 7; worker += 1) {
    const owner = `somebody-${worker}`
    await database.query(`INSERT INTO leaf_worker VALUES ('js-safe', ?, ?, 1, 1, ?)`, [
      ...[worker, owner, Date.now() + HOUR_MS],
    ])
  }
  site.env['TAG'] = 'event-service'
  const spare = await site.serve()
  await site.run('bin/idgen tag create $TAG --mode snowflake --layout js-safe')
  await site.take(1)
  const waiting = await site.another()
  waiting.env['TAG'] = 'event-service'
  const service = await waiting.serve()
  const refused = await waiting.sh('bin/idgen next $TAG')
  expect(refused.stderr).toMatch(/^WORKER_POOL_EXHAUSTED: /)

  const [held] = await walk.sql(site)
  expect(held?.filter(({ pool }) => pool === 'js-safe')).toHaveLength(8)
  await walk.run(site)
  expect((await spare.program.ended).code).toBe(0)
  await eventually(
    () =>
      service.nextId('event-service').then(
        () => true,
        () => false,
      ),
    (isHeld) => isHeld,
  )
  expect(await walk.run(waiting)).toMatch(/^\d+\n$/)
}

export async function clockStepped(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  await site.serve()
  await eventually(
    () => site.sh('bin/idgen next snowflake'),
    ({ code }) => code === 0,
  )
  // A fault of the worker id is what brings somebody here.
  site.env['LOG'] = `${site.folder}/looked-at.log`
  await site.run(`echo '{"level":40,"what":"worker id of twitter","msg":"Fault begins"}' >$LOG`)
  const host = Date.parse(`${(await walk.run(site)).trim()}Z`)
  const [rows] = await walk.sql(site)
  const database = Date.parse(`${Object.values(rows?.[0] ?? {})[0]}Z`)
  expect(Math.abs(host - database)).toBeLessThan(10_000)
  const [, time = ''] = /^time: (.*)$/m.exec(await walk.run(site)) ?? []
  expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(10_000)
}

export async function eventLoopDelayed(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  await site.serve()
  expect(await walk.run(site)).toMatch(/^ *PID.*idgen/s)
  expect(await walk.run(site)).toBe('workers: auto\n')
}

export async function memoryHigh(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  const service = await site.serve()
  const [, process = '', files, tags] = (await walk.run(site)).split('\n')
  expect(Number(process.trim().split(/ +/)[1])).toBeGreaterThan(10_000)
  expect(Number(files)).toBeGreaterThan(5)
  expect(Number(tags)).toBe(2)
  await walk.run(site)
  expect((await service.program.ended).code).toBe(0)
  await walk.serve(site)
  expect(await site.run('bin/idgen health')).toBe('SERVING\n')
}

export async function workerProcessMissing(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  await site.serve('GOLOVES_WORKERS=2 bin/idgen serve')
  await site.run('bin/idgen tag create $TAG')
  const started = () => [...site.log.matchAll(/"pid":(\d+).*"msg":"Started"/g)]
  const [stuck = 0] = started().map(([, pid]) => Number(pid))
  process.kill(stuck, 'SIGSTOP')
  atEnd(async () => isAlive(stuck) && process.kill(stuck, 'SIGKILL'))
  expect(await walk.run(site)).toMatch(/^instances that did not answer: 1$/m)
  site.env['STUCK'] = String(stuck)
  await walk.run(site)
  await eventually(
    async () => started().length,
    (count) => count === 3,
  )
  expect(isAlive(stuck)).toBe(false)
  const after = await walk.run(site)
  expect(after).toContain('"Worker process ended"')
  expect(after).toMatch(/^instances: 2$/m)
}
