import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { DatabaseRestRig } from '../support/rest-rig.ts'
import { pruneAll } from './prune-all.ts'

const DAY_MS = 86_400_000

/** What a ledger in a database knows of the instances that leased. */
export function ledgerInstancesContract(name: string, open: () => Promise<DatabaseRestRig>): void {
  describe(`instances in the ledger: ${name}`, () => {
    let rig: DatabaseRestRig
    beforeEach(async () => {
      rig = await open()
    })
    afterEach(() => rig.close())

    test('an owner is found with the address that it was last seen at', async () => {
      const tag = parseTagName('order')
      await rig.ledger('one').append([{ tag, range: { first: 1n, last: 9n }, ageMs: 0 }])
      for (const name of ['One', 'another']) await seen(rig, name, Date.now(), 'elsewhere')
      expect(await rig.ledger('other').find(tag, 5n)).toMatchObject({ address: '' })
      await seen(rig, 'one', Date.now(), 'host-1')
      expect(await rig.ledger('other').find(tag, 5n)).toMatchObject({ address: 'host-1' })
    })

    test('an instance that nobody has seen for as long as leases are kept is forgotten', async () => {
      await seen(rig, 'gone', Date.now() - 3 * DAY_MS)
      await seen(rig, 'resting', Date.now() - DAY_MS)
      await seen(rig, 'live', Date.now())
      expect(await rig.ledger('live').prune(2 * DAY_MS)).toBe(false)
      expect(await names(rig)).toEqual(['live', 'resting'])
    })

    test('some hundreds of instances at a time, until there are no more', async () => {
      const rows = Array.from({ length: 1_001 }, (_, i) => `('i${i}', '', ${i})`)
      await rig.hand.query(`INSERT INTO leaf_instance VALUES ${rows.join()}`)
      await seen(rig, 'live', Date.now())
      expect(await pruneAll(rig.ledger('live'), DAY_MS)).toBe(3)
      expect(await names(rig)).toEqual(['live'])
    })
  })
}

async function seen({ hand }: DatabaseRestRig, name: string, atMs: number, address = '') {
  const sql = 'INSERT INTO leaf_instance (name, address, last_seen) VALUES (?, ?, ?)'
  await hand.query(sql, [name, address, String(atMs)])
}

async function names({ hand }: DatabaseRestRig): Promise<unknown[]> {
  const rows = await hand.query('SELECT name FROM leaf_instance ORDER BY name')
  return rows.map((row) => row['name'])
}
