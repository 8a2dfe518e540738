import { type Command, Option } from 'commander'
import { z } from 'zod'
import { PRESET_LAYOUTS } from '../../../internal/domain/entity/snowflake-layout.ts'
import { type ServiceClient, ServiceFailure } from '../client.ts'
import type { CommandContext } from '../command-context.ts'
import {
  leaseLines,
  leaseSchema,
  stateLines,
  stateSchema,
  TAG_COLUMNS,
  tagCells,
  tagLines,
  tagSchema,
  timeOf,
} from '../tag-lines.ts'
import { positiveNumber, wholeNumber } from '../whole-number.ts'

interface TagOptions {
  readonly step?: string
  readonly maxId?: string
  readonly maxValue?: string
  readonly buffer?: string
  readonly description?: string
  readonly mode?: string
  readonly layout?: string
}

type RaiseArguments = [
  name: string | undefined,
  above: string | undefined,
  options: { readonly all?: boolean; readonly by?: string },
  command: Command,
]

const SERVICE = 'goloves.v1.TagService'
const PAGE_SIZE = 1000

const tagReply = z.object({ tag: tagSchema })
const pageReply = z.object({ tags: z.array(tagSchema), nextPageToken: z.string() })
const raiseReply = tagReply.extend({ holdsFromMs: z.string() })
const ownerReply = z.object({ lease: leaseSchema.nullish(), reachesBackToMs: z.string() })

/** `idgen tag ...`: what an operator does with tags, through the running service. */
export function addTag(program: Command, context: CommandContext): void {
  const tag = program.command('tag').description('read and change tags through the running service')
  addReaders(tag, context)
  addEditors(tag, context)
  addRaise(tag, context)
  addSwitches(tag, context)
}

function addReaders(tag: Command, { withService, print }: CommandContext): void {
  tag
    .command('list')
    .description('print all tags, columns separated by tabs')
    .action(() => withService((service) => list(service, print)))
  tag
    .command('show')
    .description('print a tag and what the answering instance holds of it')
    .argument('<tag>')
    .action((name: string) =>
      withService(async (service) => {
        const found = await service.ask(`${SERVICE}/GetTag`, { tag: name }, tagReply)
        const state = await service.ask(`${SERVICE}/GetTagState`, { tag: name }, stateSchema)
        for (const line of [...tagLines(found.tag), ...stateLines(state)]) print(line)
      }),
    )
  tag
    .command('owner')
    .description('print which instance leased an id, and when')
    .argument('<tag>')
    .argument('<id>', 'an id of a segment tag, also of one that was deleted', wholeNumber)
    .action((name: string, id: string) => withService((service) => owner(service, name, id, print)))
}

/** @throws ServiceFailure, so that a script can tell, when no lease of the id is on record. */
async function owner(
  service: ServiceClient,
  tag: string,
  id: string,
  print: (line: string) => void,
): Promise<void> {
  const question = { tag, id }
  const { lease, reachesBackToMs } = await service.ask(`${SERVICE}/FindOwner`, question, ownerReply)
  if (!lease) {
    const since = timeOf(reachesBackToMs)
    throw new ServiceFailure(`No lease of ${id} is on record, which reaches back to ${since}.`)
  }
  leaseLines(lease).forEach(print)
}

async function list(service: ServiceClient, print: (line: string) => void): Promise<void> {
  let pageToken = ''
  do {
    const question = { pageSize: PAGE_SIZE, pageToken }
    const page = await service.ask(`${SERVICE}/ListTags`, question, pageReply)
    if (pageToken === '') print(TAG_COLUMNS.join('\t'))
    for (const found of page.tags) print(tagCells(found).join('\t'))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
}

function addEditors(tag: Command, { withService, print }: CommandContext): void {
  withOptions(tag.command('create').description('create a tag').argument('<tag>'))
    .option('--max-id <id>', 'the first id will be above this', wholeNumber)
    .addOption(
      new Option('--mode <mode>', 'how its ids are made').choices(['segment', 'snowflake']),
    )
    .option(
      '--layout <layout>',
      `of a snowflake tag: ${PRESET_LAYOUTS.join(', ')}, or one spelt out`,
    )
    .action(async (name: string, options: TagOptions) => {
      const question = { tag: name, ...wire(options) }
      const created = await withService((service) =>
        service.ask(`${SERVICE}/CreateTag`, question, tagReply),
      )
      tagLines(created.tag).forEach(print)
    })
  withOptions(tag.command('set').description('change options of a tag').argument('<tag>')).action(
    async (name: string, options: TagOptions) => {
      const updated = await withService(async (service) => {
        const seen = await service.ask(`${SERVICE}/GetTag`, { tag: name }, tagReply)
        const question = { tag: name, version: seen.tag.version, ...wire(options) }
        return service.ask(`${SERVICE}/UpdateTag`, question, tagReply)
      })
      tagLines(updated.tag).forEach(print)
    },
  )
}

function withOptions(command: Command): Command {
  const buffer = new Option('--buffer <kind>', 'how it keeps ids ready')
  return command
    .option('--step <n>', 'how many ids one lease takes at least', positiveNumber)
    .option('--max-value <id>', 'the highest id that may ever leave', positiveNumber)
    .addOption(buffer.choices(['chain', 'double']))
    .option('--description <text>', 'a note for people')
}

function wire({ buffer, mode, ...options }: TagOptions): object {
  return {
    ...options,
    ...(buffer !== undefined && { buffer: `BUFFER_${buffer.toUpperCase()}` }),
    ...(mode !== undefined && { mode: `MODE_${mode.toUpperCase()}` }),
  }
}

function addRaise(tag: Command, context: CommandContext): void {
  tag
    .command('raise')
    .description('move a tag on, above an id that is known to be used; after a restore all of them')
    .usage('<tag> <above> | --all --by <n>')
    .argument('[tag]')
    .argument('[above]', 'the next id that is leased will be above this', wholeNumber)
    .option('--all', 'all tags, also deleted ones, in the store itself: no service has to run')
    .option('--by <n>', 'with --all, how far above what each is known to have used', positiveNumber)
    .action(async (...[name, above, options, command]: RaiseArguments) => {
      const { all = false, by } = options
      if (all && by !== undefined && name === undefined) {
        await context.withoutService(async () => (await import('./raise-all.ts')).raiseAllBy(by))
      } else if (!all && by === undefined && name !== undefined && above !== undefined) {
        await raise(context, name, above)
      } else {
        command.error(`error: raise takes either ${command.usage()}`)
      }
    })
}

async function raise({ withService, print }: CommandContext, tag: string, above: string) {
  const raised = await withService((service) =>
    service.ask(`${SERVICE}/RaiseTag`, { tag, above }, raiseReply),
  )
  tagLines(raised.tag).forEach(print)
  if (raised.tag.freezeReason !== 'FREEZE_REASON_UNSPECIFIED') print('It is still frozen.')
  print(`holds from: ${timeOf(raised.holdsFromMs)}`)
}

function addSwitches(tag: Command, { withService, print }: CommandContext): void {
  for (const [verb, sentence] of [
    ['freeze', 'stop a tag from handing out ids'],
    ['unfreeze', 'let a tag that was frozen hand out ids again'],
  ] as const) {
    const method = verb === 'freeze' ? 'FreezeTag' : 'UnfreezeTag'
    tag
      .command(verb)
      .description(sentence)
      .argument('<tag>')
      .action(async (name: string) => {
        const changed = await withService((service) =>
          service.ask(`${SERVICE}/${method}`, { tag: name }, tagReply),
        )
        tagLines(changed.tag).forEach(print)
      })
  }
  tag
    .command('delete')
    .description('delete a tag; its ids stay used')
    .argument('<tag>')
    .action(async (name: string) => {
      await withService((service) =>
        service.ask(`${SERVICE}/DeleteTag`, { tag: name }, z.object({})),
      )
      print(`deleted: ${name}`)
    })
}
