import { expect, test } from '@jest/globals'
import { pageWith } from './results.ts'

const TITLES = ['One', 'Two', 'Three']
const introduction = pageWith('', '## None of them', TITLES).trimEnd()

test('a part comes into the place of the one before', () => {
  const first = pageWith('', '## Two\n\nold\n\n- note', TITLES)
  const second = pageWith(first, '## One\n\nold', TITLES)
  const third = pageWith(second, '## Two\n\nnew', TITLES)
  expect(second).toBe(`${introduction}\n\n## One\n\nold\n\n## Two\n\nold\n\n- note\n`)
  expect(third).toBe(`${introduction}\n\n## One\n\nold\n\n## Two\n\nnew\n`)
})

test('a part of an experiment that is no more goes', () => {
  const page = pageWith(pageWith('', '## One\n\nold', ['One']), '## Three\n\nnew', TITLES.slice(1))
  expect(page).toBe(`${introduction}\n\n## Three\n\nnew\n`)
})
