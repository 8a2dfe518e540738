import { expect, test } from '@jest/globals'
import type { Row } from '../../internal/repository/database/row.ts'
import type { Ended } from '../support/program.ts'
import type { RunningService } from '../support/running-service.ts'
import { type Block, commandsOf, runbookSections, type Section } from './runbook-page.ts'
import type { Site } from './site.ts'

/** A section is many commands, of which each takes a second to start on a busy machine. */
const SECTION_LIMIT_MS = 120_000

/** Follows a section of the runbook, block by block. */
export class Walk {
  readonly #blocks: Block[]
  readonly #words = new Map<string, string>()

  constructor(section: Section) {
    this.#blocks = commandsOf(section)
  }

  /** How many blocks were not executed yet. */
  get left(): number {
    return this.#blocks.length
  }

  /** From now on `here` is executed where the page says `word`: a port, or a name that has to be new. */
  replace(word: string, here: string): void {
    this.#words.set(word, here)
  }

  /** Runs the next block on a host, however it ends. */
  sh(site: Site): Promise<Ended> {
    return site.sh(this.#next('sh'))
  }

  /** Runs the next block on a host, and it goes well. @returns What it printed. */
  run(site: Site): Promise<string> {
    // Every command of a block has to go well, not only its last one.
    return site.run(`set -e\n${this.#next('sh')}`)
  }

  /** Starts the service that the next block starts, and waits until it is ready. */
  serve(site: Site): Promise<RunningService> {
    return site.serve(this.#next('sh'))
  }

  /** Executes the statements of the next block. @returns The rows that each found. */
  async sql({ database }: Site): Promise<(readonly Row[])[]> {
    const found = []
    for (const statement of this.#next('sql').split(/;(?:\s*--.*)?$/m)) {
      if (statement.trim() !== '') found.push(await database.query(statement))
    }
    return found
  }

  #next(language: 'sh' | 'sql'): string {
    const block = this.#blocks.shift()
    if (block?.language !== language) throw new Error(`Next is ${JSON.stringify(block)}.`)
    let { text } = block
    for (const [word, here] of this.#words) text = text.replaceAll(word, here)
    return text
  }
}

/** Follows a section as a step of another one. */
export async function runSection(
  title: string,
  follow: (walk: Walk, site: Site) => Promise<void>,
  site: Site,
): Promise<void> {
  const section = runbookSections().find((one) => one.title === title)
  if (section === undefined) throw new Error(`There is no section ${title}.`)
  await follow(new Walk(section), site)
}

/**
 * Tests of a chapter: one for each section that shows commands, each of which has to be executed.
 *
 * @param follow By the titles of the sections.
 */
export function chapter(
  name: string,
  follow: Readonly<Record<string, (walk: Walk) => Promise<void>>>,
): void {
  const sections = runbookSections().filter(
    (section) => section.chapter === name && commandsOf(section).length > 0,
  )

  test(`each section of "${name}" that shows commands is followed here`, () => {
    expect(Object.keys(follow)).toEqual(sections.map(({ title }) => title))
  })

  test.each(sections.map((section) => [section.title, section] as const))(
    '%s',
    async (_, section) => {
      const walk = new Walk(section)
      await follow[section.title]?.(walk)
      expect(walk.left).toBe(0)
    },
    SECTION_LIMIT_MS,
  )
}
