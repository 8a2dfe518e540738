import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { type Ended, Program } from './program.ts'
import type { RunningService } from './running-service.ts'

/** Runs an example by the command that examples/README.md shows for it, against this service. */
export function runExample(
  language: string,
  { grpcAddress, httpAddress }: RunningService,
): Promise<Ended> {
  const readme = readFileSync(join(PACKAGE_ROOT, 'examples', 'README.md'), 'utf8')
  const shown = new RegExp(`^.*examples/${language}\\b.* 127\\.0\\.0\\.1:\\d+$`, 'm').exec(readme)
  if (shown === null) throw new Error(`examples/README.md has no command for ${language}.`)
  const command = shown[0]
    .replace('127.0.0.1:50051', grpcAddress)
    .replace('127.0.0.1:8080', httpAddress)
  return new Program(['-c', command], { command: 'sh', folder: PACKAGE_ROOT }).ended
}
