import { expect, test } from '@jest/globals'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'

const REASON = shuttingDown(1_000)

test('a registry that is closed returns what is in memory, with the generation of each tag', async () => {
  const rig = new RegistryRig()
  const [orders, users] = [rig.add('orders'), rig.add('users', { generation: 7n, step: 10 })]
  rig.addSnowflake('clicks')
  for (const name of ['orders', 'users', 'users', 'clicks']) await rig.nextNow(name)
  expect(rig.registry.close(REASON)).toEqual([
    { tag: orders, range: { first: 3n, last: 1_001n }, generation: 0n },
    { tag: users, range: { first: 4n, last: 11n }, generation: 7n },
  ])
  expect(rig.registry.close(REASON)).toEqual([])
})
