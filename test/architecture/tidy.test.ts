import { describe, expect, test } from '@jest/globals'
import { sourceFiles } from './source-file.ts'
import { faultsOf } from './tidy.ts'

test('the project is tidy', () => {
  expect(sourceFiles().flatMap(faultsOf)).toStrictEqual([])
})

describe('what is untidy is found:', () => {
  const SOURCE = 'internal/domain/entity/a.ts'
  const TEST = 'internal/domain/entity/a.test.ts'
  const lines = (count: number) => 'a()\n'.repeat(count)

  test.each([
    ['internal/utils/a.ts', ''],
    ['internal/domain/helpers.ts', ''],
    ['internal/domain/index.ts', ''],
    ['internal/domain/types.test.ts', ''],
    ['internal/domain/SegmentChain.ts', ''],
    ['internal/domain/segment_chain.ts', ''],
    [SOURCE, lines(301)],
    [SOURCE, `// ${'x'.repeat(118)}`],
    [SOURCE, `function long() {\n${lines(69)}}`],
    [SOURCE, `const long = () => {\n${lines(69)}}`],
    [SOURCE, `class A {\n#long() {\n${lines(69)}}\n}`],
    [SOURCE, 'let a: any'],
    [SOURCE, 'function f(a: any[]) {}'],
    [SOURCE, 'interface ISegment {}'],
    [SOURCE, 'Date.now()'],
    [SOURCE, 'new Date()'],
    [SOURCE, 'Date()'],
    [SOURCE, 'Math.random()'],
    [SOURCE, 'setTimeout(wake, 1)'],
    [TEST, "test.skip('a', () => {})"],
    [TEST, "describe.only('a', () => {})"],
    [TEST, "test.only.each([])('a', () => {})"],
    [TEST, "it.todo('a')"],
  ])('%s: %j', (path, text) => {
    expect(faultsOf({ path, text })).toHaveLength(1)
  })

  test.each([
    [SOURCE, lines(300)],
    [SOURCE, `// ${'x'.repeat(117)}`],
    [SOURCE, `// é\n\nfunction long() {\n${lines(68)}}\n// end`],
    [SOURCE, 'interface IdSegment {}'],
    [SOURCE, "new Date(ms)\nclock.sleep(1)\n// any Date.now()\nconst a = 'any Date.now()'"],
    ['pkg/clock/a.ts', 'setTimeout(wake, Date.now())'],
    [TEST, "setTimeout(wake, 1)\nlist.only\ntest.each([])('skip', () => {})"],
    ['internal/domain/generator/a.property.test.ts', ''],
  ])('what is tidy is not: %s: %j', (path, text) => {
    expect(faultsOf({ path, text })).toStrictEqual([])
  })
})
