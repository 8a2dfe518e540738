import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import {
  DEFAULT_LAYOUT,
  PRESET_LAYOUTS,
  SnowflakeLayout,
} from '../../../internal/domain/entity/snowflake-layout.ts'
import { type DecodedId, decoded } from '../../../internal/usecase/idgen/decode-id.ts'
import type { CommandContext } from '../command-context.ts'
import { wholeNumber } from '../whole-number.ts'

interface DecodeOptions {
  readonly tag?: string
  readonly layout: SnowflakeLayout
}

const reply = z.object({
  timeMs: z.coerce.number(),
  worker: z.coerce.number(),
  sequence: z.coerce.number(),
})

/** `idgen decode ID`: what a snowflake id is made of, by a layout or by the tag it is of. */
export function addDecode(program: Command, { withService, print }: CommandContext): void {
  program
    .command('decode')
    .description('print when, by which worker and as which of its ids a snowflake id was made')
    .argument('<id>', 'the id', wholeNumber)
    .option('--tag <tag>', 'ask the running service for the layout of this tag')
    .addOption(
      new Option('--layout <layout>', `${PRESET_LAYOUTS.join(', ')}, or one spelt out`)
        .argParser(layoutOf)
        .default(SnowflakeLayout.parse(DEFAULT_LAYOUT), DEFAULT_LAYOUT)
        .conflicts('tag'),
    )
    .action(async (id: string, { tag, layout }: DecodeOptions) => {
      const parts =
        tag === undefined
          ? decoded(layout, id)
          : await withService((service) =>
              service.ask('goloves.v1.IdService/DecodeId', { tag, id }, reply),
            )
      linesOf(parts).forEach(print)
    })
}

function linesOf({ timeMs, worker, sequence }: DecodedId): string[] {
  const time = new Date(timeMs).toISOString()
  return [`time: ${time}`, `worker: ${worker}`, `sequence: ${sequence}`]
}

function layoutOf(text: string): SnowflakeLayout {
  try {
    return SnowflakeLayout.parse(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InvalidArgumentError(`There is no such layout: ${error.message}.`)
  }
}
