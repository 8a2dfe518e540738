import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Where servers are installed, which not everybody has in the PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program, if this machine has it. */
export function findProgram(name: string): string | undefined {
  const { PATH = '' } = process.env
  const folders = [...PATH.split(':'), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** The path of a MariaDB or MySQL server: of GOLOVES_TEST_MYSQLD, or of the machine's if it has one. */
export function findMariadb(): string | undefined {
  return process.env['GOLOVES_TEST_MYSQLD'] ?? findProgram('mariadbd') ?? findProgram('mysqld')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
