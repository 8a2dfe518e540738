import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { atEnd, Site } from './site.ts'
import { chapter, type Walk } from './walk.ts'

async function serving() {
  const site = await Site.migrated()
  const service = await site.serve()
  await site.run('bin/idgen tag create $TAG')
  return { site, service }
}

async function rollingRestart(walk: Walk): Promise<void> {
  const { site, service } = await serving()
  const before = await site.take(3)
  await walk.run(site)
  expect((await service.program.ended).code).toBe(0)
  await walk.serve(site)
  expect(await walk.run(site)).toContain('"ready":true')
  const after = await site.take(3)
  expect([...before, ...after]).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
}

async function drainOne(walk: Walk): Promise<void> {
  const { site, service } = await serving()
  await site.take(3)
  await walk.run(site)
  expect((await service.program.ended).code).toBe(0)
  expect(await walk.run(site)).toMatch(/"Draining".*"Stopped"/s)
  expect(await walk.sql(site)).toMatchObject([[{ first_id: '4' }, {}]])
}

async function rotatePassword(walk: Walk): Promise<void> {
  const site = await Site.migrated()
  const { database, env, folder } = site
  const some = randomBytes(4).toString('hex')
  const [one, other] = [`goloves_a${some}`, `goloves_b${some}`]
  walk.replace('goloves_a', one)
  walk.replace('goloves_b', other)
  walk.replace('ON goloves.', `ON ${env['DB']}.`)
  const removed = (user: string) => database.query(`DROP USER IF EXISTS ${user}`)
  atEnd(() => removed(other))
  await database.query(`CREATE USER ${one} IDENTIFIED BY 'secret'`)
  atEnd(() => removed(one))
  await database.query(`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON ${env['DB']}.* TO ${one}`)
  const file = join(folder, 'store-url')
  writeFileSync(file, `mysql://${one}:secret@${env['DB_HOST']}/${env['DB']}\n`)
  delete env['GOLOVES_STORE_URL']
  env['GOLOVES_STORE_URL_FILE'] = file

  const before = await site.serve()
  await site.run('bin/idgen tag create $TAG')
  const ids = await site.take(2)
  await walk.sql(site)
  await walk.run(site)
  expect(readFileSync(file, 'utf8')).toContain(other)
  expect(statSync(file).mode & 0o077).toBe(0)
  expect((await before.stop()).code).toBe(0)
  await site.serve()
  ids.push(...(await site.take(2)))
  const [users] = await walk.sql(site)
  const named = users?.map(({ user }) => user)
  expect(named).toContain(other)
  expect(named).not.toContain(one)
  await walk.sql(site)
  expect([...ids, ...(await site.take(1))]).toEqual([1n, 2n, 3n, 4n, 5n])
}

async function readLog(walk: Walk): Promise<void> {
  const { site, service } = await serving()
  const way = site.database
  await way.query('RENAME TABLE leaf_instance TO elsewhere')
  await eventually(
    async () => site.log,
    (log) => log.includes('"Fault begins"'),
  )
  await way.query('RENAME TABLE elsewhere TO leaf_instance')
  await eventually(
    async () => site.log,
    (log) => log.includes('"Fault ends"'),
  )
  await service.nextId('order-service')
  await eventually(
    () => way.query('SELECT * FROM leaf_ledger'),
    (rows) => rows.length > 1,
  )
  expect(await walk.run(site)).toMatch(/"Fault begins".*"Fault ends".*^0$/ms)
  expect(await walk.sql(site)).toMatchObject([[{ biz_tag: 'order-service' }, {}]])
}

async function findOwner(walk: Walk): Promise<void> {
  const { site } = await serving()
  await site.take(3)
  await eventually(
    () => site.sh('bin/idgen next snowflake'),
    ({ code }) => code === 0,
  )
  await eventually(
    () => site.database.query('SELECT * FROM leaf_ledger'),
    (rows) => rows.length > 0,
  )
  expect(await walk.run(site)).toMatch(/^instance: .*^range: 1-\d+$/ms)
  expect(await walk.run(site)).toMatch(/^time: 2026-.*"layout":"twitter"/s)
}

chapter('Every day', {
  'Rolling restart': rollingRestart,
  'Drain one instance': drainOne,
  "Rotate the database's password": rotatePassword,
  'Read the log': readLog,
  'Find who issued an id': findOwner,
  Sizing: async (walk) => {
    const { site } = await serving()
    await site.take(1)
    expect(await walk.run(site)).toMatch(/^ids per second: /m)
  },
})
