import { expect, test } from '@jest/globals'
import { newTag } from '../../../test/support/new-tag.ts'
import { MemoryStore } from '../../repository/memory-store.ts'
import { MemoryTagRepository } from '../../repository/tag/memory-tag-repository.ts'
import { ListTags } from './list-tags.ts'

async function listOf(count: number): Promise<ListTags> {
  const tags = new MemoryTagRepository(new MemoryStore())
  for (let n = 0; n < count; n++) await tags.create(newTag(`tag-${String(n).padStart(3, '0')}`))
  return new ListTags(tags)
}

test('pages follow each other without a gap or an overlap, and the last one says so', async () => {
  const list = await listOf(5)
  const names: string[] = []
  let token = ''
  do {
    const page = await list.execute(2, token)
    names.push(...page.tags.map(({ name }) => name))
    token = page.nextPageToken
  } while (token !== '')
  expect(names).toEqual(['tag-000', 'tag-001', 'tag-002', 'tag-003', 'tag-004'])
})

test('a page that is just full is the last one if nothing follows', async () => {
  expect(await (await listOf(2)).execute(2, '')).toMatchObject({ nextPageToken: '' })
})

test('a page has 100 tags unless it is told otherwise', async () => {
  const { tags, nextPageToken } = await (await listOf(101)).execute(0, '')
  expect(tags).toHaveLength(100)
  expect(nextPageToken).toBe('tag-099')
})

test.each([-1, 1001, 1.5, Number.NaN])('a page of %s is refused', async (size) => {
  const page = (await listOf(0)).execute(size, '')
  await expect(page).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})
