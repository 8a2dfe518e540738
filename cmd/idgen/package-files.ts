import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { PACKAGE_ROOT } from './package-root.ts'

/** The version of this program. */
export function version(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}

/** What describes the service over HTTP. */
export function readOpenapi(): object {
  return parse(readFileSync(join(PACKAGE_ROOT, 'api', 'http', 'openapi.yaml'), 'utf8'))
}
