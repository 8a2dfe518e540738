import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram } from './find-program.ts'

const POLICY = '/usr/sbin/policy-rc.d'
const STARTS_NO_SERVICE = '#!/bin/sh\nexit 101\n'

/** Whether this process may install Debian's packages. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined
}

/**
 * Installs packages of Debian and starts none of their services; what else the machine runs stays as
 * it is.
 *
 * @throws Error when that fails.
 */
export async function installPackages(names: readonly string[]): Promise<void> {
  process.stderr.write(`Installing ${names.join(', ')}, which this machine does not have.\n`)
  await withoutServices(async () => {
    await apt('update', '-qq')
    await apt('install', '-y', '-qq', '--no-install-recommends', ...names)
  })
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY)) return work()
  writeFileSync(POLICY, STARTS_NO_SERVICE, { mode: 0o755 })
  try {
    await work()
  } finally {
    rmSync(POLICY)
  }
}

async function apt(...args: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const [code] = await once(spawn('apt-get', args, { stdio: 'inherit', env }), 'exit')
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed.`)
}
