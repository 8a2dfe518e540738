import { describe, expect, test } from '@jest/globals'
import { SETTINGS } from '../../internal/config/setting.ts'
import { settingsIn } from './deployed-settings.ts'
import { deploymentFiles, documentsOf, imageOf, textOf } from './deployment-files.ts'

const image = imageOf(textOf('Dockerfile'))

describe('our image', () => {
  test('is made from one exact version', () => {
    expect(new Set(image.bases).size).toBe(1)
    expect(image.bases[0]).toMatch(/^node:\d+\.\d+\.\d+-trixie-slim$/)
  })

  test('does not run as root', () => {
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  })

  test('opens the ports that it listens on, on every address', () => {
    const { grpc, http } = settingsIn(image.env, [])
    expect(image.ports).toEqual([grpc.port, http.port])
    expect([grpc.host, http.host]).toEqual(['0.0.0.0', '0.0.0.0'])
  })

  test('asks itself whether it is healthy', () => {
    const program = image.entrypoint[0]?.replace(']', '')
    const options =
      /^--interval=\d+s --timeout=\d+s --start-period=\d+s --start-interval=\d+s --retries=\d+ +CMD (.*)$/
    expect(options.exec(image.healthcheck[0] ?? '')?.[1]).toBe(`${program}, "health"]`)
  })

  test('is built from what is listed, and no test', () => {
    const ignored = textOf('.dockerignore').trim().split('\n')
    expect([ignored[0], ignored.at(-1)]).toEqual(['*', '**/*.test.ts'])
    const copied = [...textOf('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)]
    const listed = copied.flatMap(([, sources = '']) =>
      sources.split(' ').map((path) => `!${path}`),
    )
    expect(ignored).toEqual(expect.arrayContaining(listed))
  })
})

test.each(deploymentFiles('**/*.{yaml,yml}'))('%s is YAML', (path) => {
  expect(documentsOf(path)).not.toContain(null)
})

test.each(['Dockerfile', ...deploymentFiles('**/*.*')])(
  '%s names no setting that is none',
  (path) => {
    const known = SETTINGS.flatMap(({ variable, secret }) =>
      secret ? [variable, `${variable}_FILE`] : [variable],
    )
    const named = [...textOf(path).matchAll(/\bGOLOVES_[A-Z_]+\b/g)].map(([name]) => name)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  },
)
