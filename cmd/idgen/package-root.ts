import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder of the project: the sources and what is built from them lie at different depths in it.
 */
export const PACKAGE_ROOT = folderOfPackage(import.meta.dirname)

/** Where the gRPC contract lies. */
export const PROTO_FOLDER = join(PACKAGE_ROOT, 'api', 'proto')

function folderOfPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  if (folder === dirname(folder)) throw new Error('The folder of Goloves has no package.json.')
  return folderOfPackage(dirname(folder))
}
