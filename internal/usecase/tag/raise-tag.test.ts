import { expect, test } from '@jest/globals'
import { newSnowflakeTag } from '../../../test/support/new-tag.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { MAX_ID } from '../../domain/entity/tag.ts'
import { RaiseTag } from './raise-tag.ts'

function raising(rig: RegistryRig): RaiseTag {
  return new RaiseTag(rig.store.tags, rig.registry, rig.clock)
}

test('a raise drops the ids in memory at once, and says from when it holds everywhere', async () => {
  const rig = new RegistryRig()
  rig.add('orders')
  expect(await rig.nextNow('orders')).toBe(2n)
  const { tag, holdsFromMs } = await raising(rig).execute('orders', 50_000n)
  expect(tag.maxId).toBe(50_000n)
  // The longest refresh time of any instance, and one read.
  expect(holdsFromMs - rig.clock.nowMs()).toBe(7_000)
  expect(await rig.nextNow('orders')).toBe(50_001n)
})

test('a raise never lowers', async () => {
  const rig = new RegistryRig()
  rig.add('orders', { maxId: 900n })
  expect((await raising(rig).execute('orders', 5n)).tag.maxId).toBe(900n)
})

test.each([-1n, MAX_ID + 1n])('a raise above %s is refused', async (above) => {
  const rig = new RegistryRig()
  rig.add('orders')
  await expect(raising(rig).execute('orders', above)).rejects.toMatchObject({
    code: 'TAG_OPTION_INVALID',
  })
})

test('a snowflake tag has nothing to raise', async () => {
  const rig = new RegistryRig()
  await rig.store.tags.create(newSnowflakeTag('orders'))
  await expect(raising(rig).execute('orders', 5n)).rejects.toMatchObject({ code: 'MODE_MISMATCH' })
})
