import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { newFolder } from './program.ts'

/** A version of the project, to run. */
export interface Version {
  readonly name: string
  readonly root: string
}

/** What the program is made of. */
const PROGRAM = ['api', 'cmd', 'internal', 'pkg', 'package.json', ':(exclude)*.test.ts']

/**
 * The project as it was before the last commit that changed the program, with the packages of today. Where
 * there is no such commit (a shallow clone, no clone at all) it is the present one, and standard error says why.
 */
export function versionBefore(): Version {
  try {
    const change = git('log', '-1', '--format=%H', '--', ...PROGRAM)
    const commit = git('rev-parse', '--verify', `${change}^`)
    return { name: `the version before (${commit.slice(0, 7)})`, root: checkedOut(commit) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(`There is no version before this one to upgrade from. ${why}\n`)
    return { name: 'itself, for want of a version before', root: PACKAGE_ROOT }
  }
}

function checkedOut(commit: string): string {
  const root = newFolder()
  const archive = join(newFolder(), 'project.tar')
  git('archive', '--output', archive, commit)
  execFileSync('tar', ['-xf', archive, '-C', root])
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(root, 'node_modules'))
  return root
}

/** @throws Error with what git said. */
function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: PACKAGE_ROOT, encoding: 'utf8', stdio: 'pipe' }).trim()
}
