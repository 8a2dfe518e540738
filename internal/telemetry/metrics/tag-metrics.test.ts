import { beforeEach, expect, test } from '@jest/globals'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { RegistryRig } from '../../../test/support/registry-rig.ts'
import { SilentObserver } from '../../../test/support/silent-observer.ts'
import type { TagName } from '../../domain/entity/tag.ts'
import { OTHER_TAGS, TAGS_SHOWN_MAX, TagMetrics } from './tag-metrics.ts'

const MORE = 5

let rig: RegistryRig
let metrics: TagMetrics

beforeEach(() => {
  metrics = new TagMetrics()
  class Retiring extends SilentObserver {
    override retired(tag: TagName, givenOut: bigint): void {
      metrics.retire(tag, givenOut)
    }
  }
  rig = new RegistryRig({ observer: new Retiring() })
})

/** The series of one family, by tag. */
async function scrape(name: string): Promise<Map<string, number>> {
  const families = await metrics.families(rig.registry, rig.clock)
  const found = families.find((family) => family.name === name)
  return new Map(found?.values.map(({ labels, value }) => [labels['tag'] ?? '', value]))
}

function sum(series: Map<string, number>): number {
  return [...series.values()].reduce((total, value) => total + value, 0)
}

async function liveTags(count: number): Promise<TagName[]> {
  const names = Array.from({ length: count }, (_, index) => rig.add(`tag-${index}`))
  for (const name of names) await rig.nextNow(name)
  return names
}

test('more tags than there is room for share one series, and no id is missed', async () => {
  const names = await liveTags(TAGS_SHOWN_MAX + MORE)
  const issued = await scrape('goloves_ids_issued_total')
  expect(issued.size).toBe(TAGS_SHOWN_MAX + 1)
  expect(issued.get(OTHER_TAGS)).toBe(MORE)
  expect(sum(issued)).toBe(names.length)
  for (const name of ['goloves_tag_ids_ready', 'goloves_tag_seconds_left']) {
    expect((await scrape(name)).size).toBe(TAGS_SHOWN_MAX + 1)
  }
  // The ids in memory of those that share one, together: each has leased the one id it was asked for.
  expect((await scrape('goloves_tag_step_ids')).has(OTHER_TAGS)).toBe(false)
})

test('a tag that others make room for begins at 0, and what was counted stays where it is', async () => {
  const names = await liveTags(TAGS_SHOWN_MAX + 1)
  const before = await scrape('goloves_ids_issued_total')
  const hidden = names.find((name) => !before.has(name)) ?? ''
  const shown = names.find((name) => before.has(name))
  if (shown === undefined) throw new Error('None is shown.')
  await rig.nextNow(hidden)
  expect((await scrape('goloves_ids_issued_total')).get(OTHER_TAGS)).toBe(2)

  await rig.nextNow(shown)
  rig.registry.forget(shown)
  const after = await scrape('goloves_ids_issued_total')
  // What left between the last scrape and its end is counted among the others.
  expect(after.get(OTHER_TAGS)).toBe(3)
  expect([after.has(shown), after.get(hidden)]).toEqual([false, 0])
  await rig.nextNow(hidden)
  expect((await scrape('goloves_ids_issued_total')).get(hidden)).toBe(1)
})

test('a tag that is looked up anew goes on counting', async () => {
  const name = rig.add('a')
  await rig.nextNow(name)
  await scrape('goloves_ids_issued_total')
  rig.registry.forget(name)
  await rig.clock.advance(10_000)
  await rig.nextNow(name)
  expect(sum(await scrape('goloves_ids_issued_total'))).toBe(1)
})

test('a tag that goes while others are reckoned up is counted once', async () => {
  const names = await liveTags(1000)
  class Forgetting extends ManualClock {
    override async nextTurn(): Promise<void> {
      // The least active comes last.
      for (const name of names.slice(0, 1)) rig.registry.forget(name)
    }
  }
  const families = await metrics.families(rig.registry, new Forgetting())
  const issued = families.find(({ name }) => name === 'goloves_ids_issued_total')
  expect(issued?.values.reduce((total, { value }) => total + value, 0)).toBe(names.length)
  expect(sum(await scrape('goloves_ids_issued_total'))).toBe(names.length)
})

test('names that do not exist, or are frozen, have no series', async () => {
  rig.add('frozen', { freeze: { reason: 'operator' } })
  expect(await rig.nextNow('unknown')).toBe('TAG_NOT_FOUND')
  expect(await rig.nextNow('frozen')).toBe('TAG_FROZEN')
  expect([...(await scrape('goloves_ids_issued_total'))]).toEqual([[OTHER_TAGS, 0]])
  expect(rig.registry.refusedWith('TAG_FROZEN')).toBe(1)
})

test('of each limit it is told what share is leased, and how many ids are left', async () => {
  const name = rig.add('a', { maxId: 0n, maxValue: 1000n, step: 100 })
  await rig.nextNow(name)
  const families = await metrics.families(rig.registry, rig.clock)
  const of = (family: string, limit: string) =>
    families
      .find((each) => each.name === family)
      ?.values.find(({ labels }) => labels['limit'] === limit)?.value
  const leased = 1000 - (of('goloves_tag_ids_left', 'max_value') ?? 0)
  expect(leased).toBeGreaterThan(0)
  expect(of('goloves_tag_used_ratio', 'max_value')).toBe(leased / 1000)
  expect(of('goloves_tag_used_ratio', '2^53')).toBe(leased / (2 ** 53 - 1))
  expect(of('goloves_tag_used_ratio', 'int64')).toBe(leased / 2 ** 63)
})
