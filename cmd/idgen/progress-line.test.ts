import { expect, test } from '@jest/globals'
import { ProgressLine } from './progress-line.ts'

function written(isTTY: boolean | undefined): string[] {
  const texts: string[] = []
  const terminal = { write: (text: string) => texts.push(text), ...(isTTY && { isTTY }) }
  const line = new ProgressLine(terminal)
  line.show('1 of 20')
  line.show('2 of 20')
  line.clear()
  return texts
}

test('on a terminal each line takes the place of the one before, and nothing stays', () => {
  expect(written(true)).toEqual(['\x1b[K1 of 20\r', '\x1b[K2 of 20\r', '\x1b[K\r'])
})

test('nothing is written to what is no terminal', () => {
  expect(written(undefined)).toEqual([])
})
