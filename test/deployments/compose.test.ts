import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { newFolder, Program } from '../support/program.ts'
import {
  compose,
  instances,
  mountsOf,
  ours,
  portsOf,
  secretFilesOf,
  serviceOf,
} from './compose-file.ts'
import { settingsIn, stopMs } from './deployed-settings.ts'
import { documentsOf, packageVersion, textOf } from './deployment-files.ts'

const FOLDER = join(PACKAGE_ROOT, 'deployments', 'docker')
const services = Object.entries(compose.services)

describe.each(services)('%s', (_, service) => {
  test('has an image of an exact version', () => {
    expect(service.image).toMatch(/^[a-z/]+:v?\d+\.\d+\.\d+$/)
  })

  test('runs as somebody who is not root and may do nothing else', () => {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  })

  test('is reached from this machine only, each port by one of its own', () => {
    const outer = services.flatMap(([, one]) => portsOf(one).map((port) => port.outer))
    expect(new Set(outer).size).toBe(outer.length)
    expect(portsOf(service).filter(({ address }) => address !== '127.0.0.1')).toEqual([])
  })

  test('gets its secrets as files, from those that there are', () => {
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(service.secrets))
    const read = Object.entries(service.environment).filter(([name]) => name.endsWith('_FILE'))
    expect(read.map(([, path]) => path).toSorted()).toEqual(secretFilesOf(service).toSorted())
    expect(Object.keys(service.environment).filter((name) => /PASSWORD$|URL$/.test(name))).toEqual(
      [],
    )
  })

  test('mounts what is there: files to be read, and volumes', () => {
    for (const { source, mode, isFile } of mountsOf(service)) {
      if (isFile)
        expect([source, mode, existsSync(join(FOLDER, source))]).toEqual([source, 'ro', true])
      else expect(compose.volumes).toHaveProperty(source)
    }
  })

  test('is in networks that there are', () => {
    expect(['default', ...Object.keys(compose.networks)]).toEqual(
      expect.arrayContaining(service.networks),
    )
  })
})

describe.each(ours)('%s, of our image,', (_, service) => {
  test('is of this version', () => {
    expect(service).toMatchObject({ image: `goloves:${packageVersion()}`, build: '../..' })
  })

  test('has settings that are accepted', () => {
    const { store } = settingsIn(service.environment, secretFilesOf(service))
    expect(parseStoreUrl(store.url).kind).toBe('mysql')
  })
})

describe.each(instances)('the instance %s', (_, service) => {
  const settings = settingsIn(service.environment, secretFilesOf(service))

  test('opens the ports that it listens on', () => {
    const inner = portsOf(service).map((port) => port.inner)
    expect(inner).toEqual([settings.grpc.port, settings.http.port])
    expect([settings.grpc.host, settings.http.host]).toEqual(['0.0.0.0', '0.0.0.0'])
  })

  test('has time to stop', () => {
    const seconds = /^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1]
    expect(Number(seconds) * 1000).toBeGreaterThan(stopMs(settings))
  })

  test('starts once the tables are there', () => {
    expect(service.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } })
  })
})

test('two instances serve, and one container migrates before them, once', () => {
  expect(instances.map(([name]) => name)).toEqual(['goloves-1', 'goloves-2'])
  const migrate = serviceOf('migrate')
  expect(migrate).toMatchObject({ command: ['migrate'], healthcheck: { disable: true } })
  expect(migrate).not.toHaveProperty('restart')
  expect(migrate.depends_on).toEqual({ mysql: { condition: 'service_healthy' } })
  expect(serviceOf('mysql').healthcheck?.test).toContain('--host=127.0.0.1')
})

test('only ours reach the database', () => {
  const inStore = services.filter(([, { networks }]) => networks.includes('store'))
  expect(inStore.map(([name]) => name)).toEqual(['mysql', ...ours.map(([name]) => name)])
  expect(serviceOf('mysql')).toMatchObject({ networks: ['store'], ports: [] })
  expect(compose.networks).toEqual({ store: { internal: true } })
})

test('make-secrets.sh makes each secret once, fit for the database', async () => {
  const folder = newFolder()
  const make = () => new Program([join(FOLDER, 'make-secrets.sh'), folder], { command: 'sh' }).ended
  const read = () =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    )
  expect(await make()).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const secrets = read()
  const files = Object.entries(compose.secrets).map(([name]) => [
    name,
    { file: `./secrets/${name}` },
  ])
  expect(compose.secrets).toEqual(Object.fromEntries(files))
  expect(Object.keys(secrets).toSorted()).toEqual(Object.keys(compose.secrets).toSorted())
  expect(Object.values(secrets).filter((secret) => secret.length < 32)).toEqual([])
  const { MYSQL_USER, MYSQL_DATABASE } = serviceOf('mysql').environment
  expect(parseStoreUrl(secrets['store_url']?.trim() ?? '')).toMatchObject({
    user: MYSQL_USER,
    password: secrets['mysql_password'],
    database: MYSQL_DATABASE,
    hosts: [{ host: 'mysql', port: 3306 }],
  })
  expect((await make()).code).toBe(0)
  expect(read()).toEqual(secrets)
  expect(textOf('.gitignore').split('\n')).toContain('deployments/docker/secrets/')
})

describe('Prometheus', () => {
  const Config = z.object({
    rule_files: z.array(z.string()),
    scrape_configs: z.array(
      z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
    ),
  })
  const config = () => Config.parse(documentsOf('deployments/prometheus/prometheus.yml')[0])

  test('asks both instances where HTTP listens', () => {
    const targets = config().scrape_configs.flatMap((scrape) =>
      scrape.static_configs.flatMap((one) => one.targets),
    )
    const addresses = instances.map(([name, service]) => {
      const { http } = settingsIn(service.environment, secretFilesOf(service))
      return `${name}:${http.port}`
    })
    expect(targets).toEqual(expect.arrayContaining(addresses))
  })

  test('finds its rules where they are mounted', () => {
    const paths = config().rule_files.map((file) => join('/etc/prometheus', file))
    const targets = mountsOf(serviceOf('prometheus')).map(({ target }) => target)
    expect(targets).toEqual(expect.arrayContaining(paths))
    expect(targets).toContain('/etc/prometheus/prometheus.yml')
    expect(paths).not.toEqual([])
  })
})

test('Grafana finds Prometheus, and its dashboards where they are mounted', () => {
  const provisioning = 'deployments/grafana/provisioning'
  const [source] = documentsOf(`${provisioning}/datasources/prometheus.yaml`)
  const port = portsOf(serviceOf('prometheus'))[0]?.inner
  expect(source).toMatchObject({
    datasources: [{ url: `http://prometheus:${port}`, isDefault: true }],
  })
  const targets = mountsOf(serviceOf('grafana')).map(({ target }) => target)
  expect(targets).toContain('/etc/grafana/provisioning')
  const dashboard = targets.find((target) => target.endsWith('.json')) ?? ''
  expect(documentsOf(`${provisioning}/dashboards/goloves.yaml`)[0]).toMatchObject({
    providers: [{ options: { path: join(dashboard, '..') } }],
  })
})
