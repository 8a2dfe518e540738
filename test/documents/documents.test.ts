import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { ERROR_CODES, UNAVAILABLE_CODES } from '../../pkg/errors/error-code.ts'
import { documents, REGENERATE } from './documents.ts'
import { codesIn } from './error-table.ts'
import { anchorOf } from './markdown.ts'
import { ABOUT, MEANINGS, OPERATIONS } from './openapi-file.ts'
import { commentOf, rpcLike, rpcs } from './proto-files.ts'

/** Each operation of HTTP that gRPC has too. */
const PAIRS = OPERATIONS.flatMap((operation) => {
  const rpc = rpcLike(operation.operationId)
  return rpc === undefined ? [] : [{ ...operation, rpc }]
})

describe.each(documents())('$path', ({ path, text }) => {
  test(`is as "${REGENERATE}" writes it`, () => {
    expect(readFileSync(join(PACKAGE_ROOT, path), 'utf8')).toBe(text)
  })

  test('has a heading for each link to one, and none twice', () => {
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
    const links = [...text.matchAll(/\]\(#(.+?)\)/g)].map(([, anchor]) => anchor)
    expect(headings).toEqual(expect.arrayContaining(links))
    expect([...new Set(headings)]).toEqual(headings)
  })
})

describe('what is said of failures', () => {
  const [service] = rpcs().map(({ parent }) => parent)
  const ofAnyCall = service ? codesIn(commentOf(service)) : []
  const ofAnyRequest = codesIn(ABOUT)

  test.each(PAIRS)('$operationId: the same in both contracts', ({ rpc, 'x-codes': overHttp }) => {
    const overGrpc = codesIn(commentOf(rpc))
    expect(without(overHttp, ofAnyRequest)).toEqual(without(overGrpc, ofAnyCall))
  })

  test('only the stream is over gRPC alone', () => {
    const paired = PAIRS.map(({ rpc }) => rpc.name)
    expect(
      without(
        rpcs().map(({ name }) => name),
        paired,
      ),
    ).toEqual(['StreamIds'])
  })

  test('names every code of the list that is not reserved', () => {
    const reserved = ERROR_CODES.filter((code) => MEANINGS[code]?.startsWith('Reserved'))
    const named = [...ofAnyRequest, ...OPERATIONS.flatMap((operation) => operation['x-codes'])]
    expect([...new Set(named)].sort()).toEqual(without(ERROR_CODES, reserved))
    expect(Object.keys(MEANINGS)).toEqual(ERROR_CODES)
  })

  test('sends callers to another instance where that can help, and only there', () => {
    const sent = ERROR_CODES.filter((code) => MEANINGS[code]?.includes('another instance'))
    expect(sent).toEqual([...UNAVAILABLE_CODES])
  })
})

function without(all: Iterable<string>, some: Iterable<string>): string[] {
  const left = new Set(all)
  for (const one of some) left.delete(one)
  return [...left].sort()
}
