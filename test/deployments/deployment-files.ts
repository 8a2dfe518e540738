import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

/** Paths of files in `deployments`, from the root of the project. @param pattern Such as `docker/*.yaml`. */
export function deploymentFiles(pattern: string): string[] {
  return globSync(`deployments/${pattern}`, { cwd: PACKAGE_ROOT }).toSorted()
}

/** @param path From the root of the project. */
export function textOf(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8')
}

/** Every document of a YAML file. @throws Error that names the file if it is not well-formed. */
export function documentsOf(path: string): unknown[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    const [fault] = [...document.errors, ...document.warnings]
    if (fault !== undefined) throw new Error(`${path}: ${fault.message}`)
    return document.toJS()
  })
}

/** What a Dockerfile says of the image. */
export function imageOf(dockerfile: string) {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n')
  const said = (instruction: string) =>
    lines.flatMap((line) =>
      line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : [],
    )
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  return {
    bases: said('FROM').map((base) => base.split(' ')[0] ?? ''),
    user: /^USER (.*)$/m.exec(last)?.[1],
    ports: said('EXPOSE').flatMap((ports) => ports.split(' ').map(Number)),
    env: variablesIn(said('ENV').join(' ').split(' ')),
    healthcheck: said('HEALTHCHECK'),
    entrypoint: said('ENTRYPOINT'),
  }
}

/** `NAME=value`, one each. */
export function variablesIn(lines: readonly string[]): Record<string, string> {
  const given = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    given.map((line) => [line.replace(/=.*/, ''), line.replace(/^.*?=/, '')]),
  )
}

/** The version of the project. */
export function packageVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json'))).version
}
