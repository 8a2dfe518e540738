import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

// Here the server is a script that only says it is ready, so that this needs no database.

let folder = ''
const leftovers = () => readdirSync(join(folder, 'tmp'))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goloves-with-mariadb-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'tmp'))
  script('mariadb-install-db', '')
  script('mariadbd', 'echo "mariadbd: ready for connections." >&2; exec sleep 1000')
})

afterEach(() => rmSync(folder, { recursive: true }))

function script(name: string, body: string): void {
  const version = 'case "$*" in *--version*) echo MariaDB; exit;; esac'
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${version}\n${body}\n`, { mode: 0o755 })
}

/** Runs a shell command with a database. */
function start(command: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const args = [join(import.meta.dirname, 'with-mariadb.ts'), '--', 'sh', '-c', command]
  const PATH = `${folder}/bin:/usr/bin:/bin`
  return spawn(process.execPath, args, { env: { PATH, TMPDIR: join(folder, 'tmp'), ...env } })
}

/** How a process ended and all that it said. */
async function end(child: ChildProcess) {
  let output = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    output += text
  })
  const [code, signal]: unknown[] = await once(child, 'close')
  return { code, signal, output }
}

async function said(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('The output is not read.')
  await once(child.stdout, 'data')
}

describe('a command with a database', () => {
  test('gets a private one, and nothing of that is left afterwards', async () => {
    const { code, output } = await end(start('echo "$GOLOVES_TEST_MYSQL_URL"; exit 7'))
    expect(code).toBe(7)
    expect(output).toMatch(/^mysql:\/\/root@127\.0\.0\.1:\d+\/goloves_test\n$/)
    expect(leftovers()).toStrictEqual([])
  })

  test('gets the one that is named, and no server is started', async () => {
    script('mariadbd', 'exit 1')
    const env = { GOLOVES_TEST_MYSQL_URL: 'mysql://there' }
    const { code, output } = await end(start('echo "$GOLOVES_TEST_MYSQL_URL"', env))
    expect({ code, output }).toStrictEqual({ code: 0, output: 'mysql://there\n' })
  })

  test('is not run when the server does not start, and its words are shown', async () => {
    script('mariadbd', 'echo out of luck >&2; exit 3')
    const { code, output } = await end(start('echo ran'))
    expect(code).toBe(1)
    expect(output).toMatch(/^The database did not start:\n[\s\S]*out of luck\n/)
    expect(output).not.toContain('ran')
    expect(leftovers()).toStrictEqual([])
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is ended by %s, and then the server',
    async (signal) => {
      const child = start('echo started; exec sleep 1000')
      await said(child)
      expect(leftovers()).toHaveLength(1)
      child.kill(signal)
      expect((await end(child)).signal).toBe(signal)
      expect(leftovers()).toStrictEqual([])
    },
  )

  test('leaves no server behind even when it is killed', async () => {
    const child = start('echo started; read forever')
    await said(child)
    const empty = new Promise<void>((resolve) => {
      const watcher = watch(join(folder, 'tmp'), () => {
        if (leftovers().length > 0) return
        watcher.close()
        resolve()
      })
    })
    child.kill('SIGKILL')
    await empty
  })
})
