import { describe, expect, test } from '@jest/globals'
import { forbiddenImports, importsOf, LAYERS } from './layers.ts'
import { sourceFiles } from './source-file.ts'

test('every import of the project points inwards', () => {
  const files = sourceFiles()
  expect(files.length).toBeGreaterThan(50)
  expect(files.flatMap(forbiddenImports)).toStrictEqual([])
})

test('reflect-metadata is what the program imports first', () => {
  const main = sourceFiles().filter(({ path }) => path === 'cmd/idgen/main.ts')
  expect(main.flatMap(importsOf)[0]).toBe('reflect-metadata')
})

test('every layer has files', () => {
  const paths = sourceFiles().map(({ path }) => path)
  const empty = Object.keys(LAYERS).filter(
    (name) => !paths.some((path) => path.startsWith(`${name}/`)),
  )
  expect(empty).toStrictEqual([])
})

describe('what is no import inwards is found:', () => {
  const DOMAIN = 'internal/domain/generator/a.ts'

  test.each([
    [DOMAIN, "import { a } from '../../repository/a.ts'"],
    [DOMAIN, "import type { A } from '../../usecase/a.ts'"],
    [DOMAIN, "export { a } from '../../delivery/a.ts'"],
    [DOMAIN, "export * from '../../delivery/a.ts'"],
    [DOMAIN, "const a = await import('../../config/a.ts')"],
    [DOMAIN, "let a: import('../../config/a.ts').A"],
    [DOMAIN, 'const a = await import(name)'],
    [DOMAIN, "import 'knex'"],
    [DOMAIN, "import 'node:fs'"],
    [DOMAIN, "import '../../../cmd/idgen/a.ts'"],
    [DOMAIN, "import '../../../test/a.ts'"],
    ['internal/domain/entity/a.ts', "import '../generator/a.ts'"],
    ['internal/usecase/tag/a.ts', "import 'inversify'"],
    ['internal/repository/a.ts', "import '../usecase/a.ts'"],
    ['internal/repository/a.ts', "import '@grpc/grpc-js'"],
    ['internal/delivery/grpc/a.ts', "import '../http/a.ts'"],
    ['internal/delivery/grpc/a.ts', "import '../../repository/a.ts'"],
    ['internal/delivery/http/a.ts', "import 'knex'"],
    ['internal/delivery/a.ts', "import './grpc/a.ts'"],
    ['pkg/clock/a.ts', "import '../../internal/domain/entity/a.ts'"],
    ['pkg/clock/a.ts', "import '../client/a.ts'"],
    ['pkg/client/a.ts', "import '../../internal/delivery/grpc/a.ts'"],
    ['pkg/client/a.ts', "import '../../internal/usecase/idgen/a.ts'"],
    ['pkg/client/a.ts', "import 'protobufjs'"],
    ['pkg/client/a.ts', "import 'zod'"],
    ['internal/domain/generator/a.ts', "import '../../../pkg/client/a.ts'"],
    ['cmd/idgen/server.ts', "import 'inversify'"],
    ['cmd/idgen/container.ts', "import 'reflect-metadata'"],
    ['examples/typescript/a.ts', "import '../../pkg/clock/a.ts'"],
    ['internal/other/a.ts', 'export const a = 1'],
  ])('%s: %s', (path, text) => {
    expect(forbiddenImports({ path, text })).toHaveLength(1)
  })
})

test.each([
  ['internal/domain/generator/a.ts', "import '../entity/a.ts'\nimport '../../../pkg/clock/a.ts'"],
  ['internal/repository/tag/a.ts', "import '../database/a.ts'\nimport 'knex'\nimport 'node:fs'"],
  ['internal/delivery/grpc/a.ts', "import 'protobufjs/ext/descriptor/index.js'"],
  ['internal/delivery/http/a.ts', "import '../gate.ts'\nimport 'fastify'"],
  ['cmd/idgen/container.ts', "import 'inversify'\nimport '../../internal/repository/tag/a.ts'"],
  ['pkg/client/a.ts', "import '../../internal/domain/generator/a.ts'\nimport '@grpc/grpc-js'"],
  ['internal/domain/entity/a.test.ts', "import 'fast-check'"],
  ['internal/domain/entity/a.ts', "// import 'knex'\nconst a = \"import 'knex'\""],
])('what is one is not: %s: %j', (path, text) => {
  expect(forbiddenImports({ path, text })).toStrictEqual([])
})
