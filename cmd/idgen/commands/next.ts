import type { Command } from 'commander'
import { z } from 'zod'
import type { CommandContext } from '../command-context.ts'
import { wholeNumber } from '../whole-number.ts'

const range = z.object({ first: z.string(), last: z.string(), step: z.string() })
const reply = z.object({ ranges: z.array(range) })

/** `idgen next TAG`: ids from the running service, one per line. */
export function addNext(program: Command, { withService, print }: CommandContext): void {
  program
    .command('next')
    .description('take ids from the running service, one per line')
    .argument('<tag>')
    .option('--count <n>', 'how many', wholeNumber, '1')
    .action(async (tag: string, { count }: { readonly count: string }) => {
      const { ranges } = await withService((service) =>
        service.ask('goloves.v1.IdService/NextIds', { tag, count }, reply),
      )
      for (const { first, last, step } of ranges) {
        for (let id = BigInt(first); id <= BigInt(last); id += BigInt(step)) print(String(id))
      }
    })
}
