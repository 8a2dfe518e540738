import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { newFolder, Program } from '../support/program.ts'
import { serveReady } from '../support/running-service.ts'

// `make client` has packed it before the tests.

const Manifest = z.object({
  version: z.string(),
  engines: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
})

const root = manifest('package.json')
const packed = manifest('pkg/client/package.json')

/** Of the service's own packages, those that the client may need. */
const OURS = ['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']

const INSTALL_MS = 120_000

const PROGRAM = `
  import { createClient, GolovesError, idsIn, type IdClient, type LeaseIdClient } from 'goloves-client'

  const [grpc = '', http = ''] = process.argv.slice(2)
  const targets = [{ grpc, http }]
  const direct: IdClient = createClient({ targets, way: 'direct', deadlineMs: 2000 })
  const merge: IdClient = createClient({ targets })
  const lease: LeaseIdClient = createClient({ targets, way: 'lease', heldMax: 10 })

  const ids: bigint[] = [await direct.nextId('order-service')]
  ids.push(...(await Promise.all([1, 2, 3].map(() => merge.nextId('order-service')))))
  ids.push(...idsIn(await merge.nextIds('order-service', 3)))
  ids.push(await lease.nextId('order-service'))
  const now: bigint | undefined = lease.nextIdNow('order-service')
  const { worker }: { worker: number } = await merge.decode('snowflake', await merge.nextId('snowflake'))
  const code = await direct.nextId('nobody').catch((error: unknown) => {
    return error instanceof GolovesError ? error.code : 'none'
  })
  await direct.close()
  await merge.close()
  const { dropped } = await lease.close()
  console.log(JSON.stringify({ ids: ids.map(String), now: String(now), worker, code, dropped }))
`

const STRICT = {
  include: ['*.ts'],
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmit: true,
  },
}

function manifest(path: string) {
  return Manifest.parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, path), 'utf8')))
}

test('the packed client is of the version of the service, and of the versions it needs', () => {
  const { version, engines, dependencies } = packed
  expect({ version, engines }).toEqual({ version: root.version, engines: root.engines })
  expect(root.dependencies).toMatchObject(dependencies)
})

describe('a project elsewhere', () => {
  const folder = newFolder()

  beforeAll(async () => {
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(STRICT))
    writeFileSync(join(folder, 'program.ts'), PROGRAM)
    const tarball = join(PACKAGE_ROOT, 'dist', `goloves-client-${packed.version}.tgz`)
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
    await promisify(execFile)('npm', ['install', ...flags, tarball], { cwd: folder })
  }, INSTALL_MS)

  test('installs the client, and nothing of what only the service needs', () => {
    const installed = readdirSync(join(folder, 'node_modules'))
    expect(installed).toContain('goloves-client')
    const servers = Object.keys(root.dependencies).filter((name) => !OURS.includes(name))
    expect(installed.filter((name) => servers.includes(name))).toEqual([])
    expect(readdirSync(join(folder, 'node_modules', '@grpc')).toSorted()).toEqual([
      'grpc-js',
      'proto-loader',
    ])
  })

  test('finds its types to be right, however strict it is', async () => {
    const compiler = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    // The program alone names what is Node's.
    const types = ['--types', 'node', '--typeRoots', join(PACKAGE_ROOT, 'node_modules', '@types')]
    const checked = await new Program([compiler, '-p', folder, ...types], { folder }).ended
    expect(checked).toMatchObject({ code: 0, stdout: '' })
  })

  test('takes ids from a running service in each of the three ways', async () => {
    const { grpcAddress, httpAddress } = await serveReady()
    const args = [join(folder, 'program.ts'), grpcAddress, `http://${httpAddress}`]
    const { code, stdout, stderr } = await new Program(args, { folder }).ended
    expect(`${code} ${stderr}`).toBe('0 ')
    expect(JSON.parse(stdout)).toEqual({
      ids: ['2', '3', '4', '5', '6', '7', '8', '9'],
      now: '10',
      worker: expect.any(Number),
      code: 'TAG_NOT_FOUND',
      dropped: expect.any(Number),
    })
  })
})

test('as a part of the whole package, it loads no module of the service but the chain', async () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { createClient } = await import('goloves/client')
    await createClient({ targets: [{ grpc: 'localhost:1' }], way: 'lease' }).close()
    console.log(JSON.stringify(loaded))
  `
  const program = new Program(['--input-type=module', '--eval', script], { folder: PACKAGE_ROOT })
  const { code, stdout, stderr } = await program.ended
  expect(`${code} ${stderr}`).toBe('0 ')
  const urls = z.array(z.string()).parse(JSON.parse(stdout))
  const paths = urls.map((url) => url.replace(`file://${PACKAGE_ROOT}/`, ''))
  const ours = paths.filter((path) => path.startsWith('dist/'))
  expect(ours.length).toBeGreaterThan(20)
  expect(ours.filter((path) => !/^dist\/(pkg|internal\/domain)\//.test(path))).toEqual([])
  const servers = Object.keys(root.dependencies).filter((name) => !OURS.includes(name))
  const foreign = servers.filter((name) => paths.some((path) => path.includes(`/${name}/`)))
  expect(foreign).toEqual([])
})
