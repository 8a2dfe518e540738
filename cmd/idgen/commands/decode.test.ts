import { expect, test } from '@jest/globals'
import { SystemClock } from '../../../pkg/clock/system-clock.ts'
import { buildProgram } from '../program.ts'

/** The lines that `idgen decode` prints where no service runs. */
async function decode(...args: string[]): Promise<string[]> {
  const lines: string[] = []
  const program = buildProgram({
    env: { GOLOVES_GRPC_PORT: '1' },
    clock: new SystemClock(),
    print: (line) => lines.push(line),
  })
  await program.parseAsync(['decode', ...args], { from: 'user' })
  return lines
}

// The same parts put together by hand, as shifts of the layouts' bits.
test.each([
  [['2123929381893074986']],
  [['2123929381893074986', '--layout', 'twitter']],
  [['99874095762112519', '--layout', 'sonyflake']],
  [['99874095762112519', '--layout', 'time:39,sequence:8,worker:16,unit:10,epoch:1735689600000']],
])('%j needs no service', async (args) => {
  expect(await decode(...args)).toStrictEqual([
    'time: 2026-11-21T00:00:00.000Z',
    'worker: 7',
    'sequence: 42',
  ])
})

test('an id that the layout has not is a failure', async () => {
  await expect(decode('1')).rejects.toThrow('The layout twitter has no id "1".')
})
