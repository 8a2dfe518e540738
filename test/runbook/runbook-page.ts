import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

/** What the page shows to be typed, or `text` for what no test can execute. */
export interface Block {
  readonly language: string
  readonly text: string
}

export interface Section {
  readonly title: string
  /** The heading above it. */
  readonly chapter: string
  readonly prose: string
  readonly blocks: readonly Block[]
}

const FENCE = /^```(\S*)$/
const CHAPTER = '## '
const SECTION = '### '

/** The sections of docs/runbook.md; what stands right below a chapter is one of that name. */
export function runbookSections(): Section[] {
  return sectionsOf(readFileSync(join(PACKAGE_ROOT, 'docs', 'runbook.md'), 'utf8'))
}

/** @throws Error if a fence is not closed, or stands where it shows nothing (in a list, say). */
export function sectionsOf(page: string): Section[] {
  const sections: { title: string; chapter: string; prose: string; blocks: Block[] }[] = []
  let chapter = ''
  let open: { language: string; lines: string[] } | undefined
  const begin = (title: string) => sections.push({ title, chapter, prose: '', blocks: [] })
  begin('')
  for (const line of page.split('\n')) {
    const section = sections.at(-1)
    const fence = FENCE.exec(line)
    if (fence === null && open === undefined) {
      if (line.includes('```')) throw new Error(`This is no fence: ${line}`)
      if (line.startsWith(CHAPTER)) chapter = line.slice(CHAPTER.length)
      if (line.startsWith(CHAPTER)) begin(chapter)
      else if (line.startsWith(SECTION)) begin(line.slice(SECTION.length))
      else if (section) section.prose += `${line}\n`
    } else if (fence === null) {
      open?.lines.push(line)
    } else if (open === undefined) {
      open = { language: fence[1] ?? '', lines: [] }
    } else {
      section?.blocks.push({ language: open.language, text: open.lines.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error('The last fence is not closed.')
  return sections
}

/** What is executed of a section. */
export function commandsOf({ blocks }: Section): Block[] {
  return blocks.filter(({ language }) => language !== 'text')
}
