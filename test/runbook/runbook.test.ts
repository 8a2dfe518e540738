import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { commandsOf, runbookSections, sectionsOf } from './runbook-page.ts'

const sections = runbookSections()

/** The chapters that tests beside this one follow command by command. */
const FOLLOWED = ['Alerts', 'Backup and restore', 'Moving', 'Every day']
const ALERTS = [
  'GolovesDown',
  'GolovesStoreDown',
  'GolovesIdsRunningOut',
  'GolovesTagNearItsEnd',
  'GolovesStoreWentBackwards',
  'GolovesTagFrozen',
  'GolovesWorkerPoolFull',
  'GolovesWorkerLeaseAtRisk',
  'GolovesClockStepped',
  'GolovesLayoutNearItsEnd',
  'GolovesCallersRefused',
  'GolovesCallersWait',
  'GolovesEventLoopDelayed',
  'GolovesMemoryHigh',
  'GolovesWorkerProcessMissing',
]
/** What tests cannot have: machines, and what runs services on them. */
const NOT_EXECUTED =
  /^(journalctl|export PID=\$\(systemctl|set -a;|systemctl|docker|kubectl|chronyc|sqlite3) /
const NOT_EXECUTED_MAX = 11

describe('the runbook', () => {
  test('has a section for each alert, by its name, with what to look at and what to do', () => {
    const alerts = sections.filter(
      ({ chapter, title }) => chapter === 'Alerts' && title !== chapter,
    )
    expect(alerts.map(({ title }) => title)).toEqual(ALERTS)
    for (const alert of alerts) {
      const parts = [...alert.prose.matchAll(/^\*\*(.*?)\*\*/gm)].map(([, part]) => part)
      expect(`${alert.title}: ${parts.join(' ')}`).toMatch(
        /: Means: Callers see: Look\.? Do\.? Don't$/,
      )
      expect(commandsOf(alert).length).toBeGreaterThan(0)
    }
  })

  test('shows nothing but commands, in chapters that are followed', () => {
    for (const { title, chapter, blocks } of sections) {
      for (const { language } of blocks) expect(['sh', 'sql', 'text']).toContain(language)
      if (title !== 'Before you begin' && blocks.length > 0) expect(FOLLOWED).toContain(chapter)
    }
  })

  test('leaves to the reader only what needs machines that a test has not', () => {
    const texts = sections.flatMap(({ blocks }) => blocks.filter((b) => b.language === 'text'))
    for (const { text } of texts) {
      for (const line of text.split('\n')) expect(line).toMatch(NOT_EXECUTED)
    }
    expect(texts.length).toBeLessThanOrEqual(NOT_EXECUTED_MAX)
  })

  test('says where each variable comes from that its commands have', () => {
    const [first] = sections.filter(({ title }) => title === 'Before you begin')
    const set = [...(first?.blocks[0]?.text ?? '').matchAll(/export (\w+)=/g)].map(([, v]) => v)
    for (const section of sections) {
      const used = commandsOf(section).flatMap(({ text }) => [...text.matchAll(/\$(\w+)/g)])
      for (const [, name = ''] of used) {
        const isSaid = set.includes(name) || section.prose.includes(`\`${name}\``)
        expect(`${section.title}: ${name} ${isSaid}`).toBe(`${section.title}: ${name} true`)
      }
    }
  })

  test('links to nothing that is not there', () => {
    const page = join(PACKAGE_ROOT, 'docs', 'runbook.md')
    const anchors = new Set(sections.map(({ title }) => anchorOf(title)))
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, l = '']) => l)
    expect(links.length).toBeGreaterThan(ALERTS.length)
    for (const link of links) {
      const isThere = link.startsWith('#')
        ? anchors.has(link.slice(1))
        : existsSync(join(dirname(page), link.replace(/#.*/, '')))
      expect(`${link} ${isThere}`).toBe(`${link} true`)
    }
  })
})

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}

test('a block that would not be seen is an error', () => {
  expect(() => sectionsOf('## A\n   ```sh\n   rm\n   ```\n')).toThrow('This is no fence')
  expect(() => sectionsOf('## A\n```sh\nrm\n')).toThrow('not closed')
})
