import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from '@jest/globals'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { edited } from '../support/edits.ts'
import { MUTATIONS } from './mutations.ts'

/**
 * Goal: the suites of this folder can fail.
 * Method: each mistake is made in a copy of the project, where the suite that has to find it is run.
 */

const COPIED = [
  'api',
  'cmd',
  'configs',
  'internal',
  'pkg',
  'test',
  'package.json',
  'jest.config.js',
]
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
]
const LIMIT_MS = 60_000

const folder = mkdtempSync(join(tmpdir(), 'goloves-mutant-'))
for (const name of COPIED) cpSync(join(PACKAGE_ROOT, name), join(folder, name), { recursive: true })
symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'))

afterAll(() => rmSync(folder, { recursive: true }))

/** Runs some tests of a suite of the copy. @returns What is printed if one of them fails, else ''. */
async function failureOf(suite: string, names: string): Promise<string> {
  const args = [
    ...JEST,
    join('test', 'contract', suite),
    '--bail',
    '-t',
    names.replaceAll('^', '.'),
  ]
  const child = promisify(execFile)(process.execPath, args, { cwd: folder, timeout: LIMIT_MS })
  return await child.then(() => '', String)
}

test.each(MUTATIONS)(
  '$suite: "$finds" finds $name',
  async ({ suite, finds, edits }) => {
    const texts = edited(edits)
    for (const [file, text] of texts) writeFileSync(join(folder, file), text)
    const failure = await failureOf(suite, finds)
    for (const file of texts.keys()) cpSync(join(PACKAGE_ROOT, file), join(folder, file))
    expect(failure).toMatch(/● .* › /)
    expect(failure).not.toContain('Test suite failed to run')
  },
  2 * LIMIT_MS,
)
