import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

/** A project of its own, with a program that tells how it was run. */
let root = ''
let path = ''

const PROGRAM = `
  if (process.argv[2] === 'wait') {
    process.on('SIGTERM', () => process.exit(7))
    setInterval(() => {}, 1000)
    console.log(process.pid)
  } else if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL')
  else console.log(JSON.stringify(process.argv.slice(2)))`

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'goloves launcher-'))
  path = join(root, 'path')
  for (const folder of ['bin', 'path', 'cmd/idgen', 'dist/cmd/idgen', 'elsewhere']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  for (const name of ['idgen.sh', 'node.sh']) {
    cpSync(join(import.meta.dirname, name), join(root, 'cmd/idgen', name))
  }
  symlinkSync('../cmd/idgen/idgen.sh', join(root, 'bin/idgen'))
  writeFileSync(join(root, 'dist/cmd/idgen/main.js'), PROGRAM)
})

afterEach(() => rmSync(root, { recursive: true }))

function installOnPath(version: string): void {
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo from PATH; fi\n`
  writeFileSync(join(path, 'node'), script, { mode: 0o755 })
}

function installByNpm(): void {
  mkdirSync(join(root, 'node_modules/node-some-machine/bin'), { recursive: true })
  symlinkSync(process.execPath, join(root, 'node_modules/node-some-machine/bin/node'))
}

function options(cwd = root) {
  return { cwd, env: { PATH: `${path}:/usr/bin:/bin` } } as const
}

function run(program: string, ...args: string[]) {
  return spawnSync(program, args, { ...options(join(root, 'elsewhere')), encoding: 'utf8' })
}

describe('the Node that runs the program', () => {
  test.each(['v22.18.0', 'v22.21.1', 'v24.0.0', 'v100.1.0'])(
    '%s on the PATH is new enough',
    (version) => {
      installOnPath(version)
      expect(run('../bin/idgen').stdout).toBe('from PATH\n')
    },
  )

  test.each(['v22.17.9', 'v20.20.2', 'v9.99.0', 'nonsense', ''])(
    '%j on the PATH is not, and the one from npm is taken',
    (version) => {
      installOnPath(version)
      installByNpm()
      expect(run('../bin/idgen').stdout).toBe('[]\n')
    },
  )

  test('is asked for where there is none', () => {
    installOnPath('v20.20.2')
    const { status, stderr } = run('../bin/idgen')
    expect(status).toBe(78)
    expect(stderr).toContain('Goloves needs Node 22.18 or newer.')
  })
})

describe('bin/idgen', () => {
  beforeEach(() => {
    installOnPath('v20.20.2')
    installByNpm()
  })

  test('passes its arguments on as they are', () => {
    expect(run('../bin/idgen', 'a b', '', '$HOME', '*').stdout).toBe('["a b","","$HOME","*"]\n')
  })

  test('can be started through links and from any folder', () => {
    symlinkSync(join(root, 'bin/idgen'), join(path, 'idgen'))
    expect(run('idgen', 'x').stdout).toBe('["x"]\n')
  })

  test('tells how to build it where that was not done', () => {
    rmSync(join(root, 'dist'), { recursive: true })
    const { status, stderr } = run('../bin/idgen')
    expect(status).toBe(78)
    expect(stderr).toContain("idgen is not built yet: run 'make build' in ")
  })

  test('ends by the signal that ended the program', () => {
    expect(run('../bin/idgen', 'die').signal).toBe('SIGKILL')
  })

  test('becomes the program, so that its signals and its exit code are the program’s', async () => {
    const child = spawn('bin/idgen', ['wait'], options())
    expect(await firstLine(child)).toBe(`${child.pid}\n`)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toStrictEqual([7, null])
  })
})

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The output is not read.')
  return String((await once(stdout, 'data'))[0])
}
