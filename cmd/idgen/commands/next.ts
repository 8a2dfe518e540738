import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { CommandContext } from '../command-context.ts'

interface NextOptions {
  readonly count: string
  readonly ranges?: boolean
}

const reply = z.object({ ranges: z.array(z.object({ first: z.string(), last: z.string() })) })

/** `idgen next TAG`: ids from the running service, one per line. */
export function addNext(program: Command, { withService, print }: CommandContext): void {
  program
    .command('next')
    .description('take ids from the running service, one per line')
    .argument('<tag>')
    .option('--count <n>', 'how many', wholeNumber, '1')
    .option('--ranges', 'print FIRST-LAST per line instead')
    .action(async (tag: string, { count, ranges: asRanges = false }: NextOptions) => {
      const { ranges } = await withService((service) =>
        service.ask('goloves.v1.IdService/NextIds', { tag, count }, reply),
      )
      for (const { first, last } of ranges) {
        if (asRanges) print(`${first}-${last}`)
        else for (let id = BigInt(first); id <= BigInt(last); id++) print(String(id))
      }
    })
}

/** Only what can be sent is checked here; the service knows what is allowed. */
function wholeNumber(text: string): string {
  if (!/^-?\d{1,18}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return text
}
