import { beforeEach, expect, test } from '@jest/globals'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { GeneratorMetrics } from './generator-metrics.ts'

let rig: RegistryRig
let metrics: GeneratorMetrics

beforeEach(() => {
  metrics = new GeneratorMetrics(new ManualClock())
  rig = new RegistryRig({ observer: metrics })
})

/** The sum of a family's series, or of those with one code. */
function total(name: string, code?: string): number {
  const families = metrics.families()
  const samples = families.flatMap(({ values }) => values)
  const own = families.find((family) => family.name === name)?.values
  const found = own ?? samples.filter(({ metricName }) => metricName === name)
  return found
    .filter(({ labels }) => code === undefined || labels['code'] === code)
    .reduce((sum, { value }) => sum + value, 0)
}

test('a lease and who waits for it are counted, an id from memory is not', async () => {
  const tag = rig.add('a', { step: 10 })
  for (let call = 0; call < 3; call++) await rig.nextNow(tag)
  expect(total('goloves_refill_seconds_count')).toBe(1)
  expect(total('goloves_callers_waited_total')).toBe(1)
  expect(total('goloves_refill_failures_total')).toBe(0)
})

test('what is in memory of a tag that is frozen is wasted', async () => {
  const tag = rig.add('a', { step: 10 })
  await rig.nextNow(tag)
  rig.add('a', { step: 10, maxId: 11n, freeze: { reason: 'operator' }, generation: 1n })
  await rig.registry.refresh()
  expect(total('goloves_ids_wasted_total')).toBe(9)
  expect(rig.registry.refusedWith('TAG_FROZEN')).toBe(1)
})

test('a failed lease is counted by its code', async () => {
  const tag = rig.add('a', { maxId: 5n, maxValue: 5n })
  expect(await rig.nextNow(tag)).toBe('TAG_EXHAUSTED')
  expect(total('goloves_refill_failures_total', 'TAG_EXHAUSTED')).toBe(1)
  expect(total('goloves_refill_failures_total')).toBe(1)
})
