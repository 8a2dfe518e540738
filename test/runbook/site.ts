import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import { z } from 'zod'
import { freePorts } from '../../cmd/idgen/cluster/free-ports.ts'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import type { Ports } from '../../cmd/idgen/server.ts'
import { loadSettings } from '../../internal/config/load-settings.ts'
import { idsIn } from '../../pkg/client/id-client.ts'
import { mysqlTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Ended, newFolder, Program } from '../support/program.ts'
import { RunningService } from '../support/running-service.ts'

const Refusal = z.object({ code: z.string() })
const Int64 = z.string().transform(BigInt)
const Taken = z.object({
  ranges: z.array(z.object({ first: Int64, last: Int64, step: Int64 })),
})

const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Does something when the test is over, before what was to be done then so far. */
export function atEnd(end: () => Promise<unknown>): void {
  ends.push(async () => void (await end()))
}

/**
 * Where the runbook is followed: a folder with `bin/idgen` and a log, the environment that its first
 * section sets, and a database of MariaDB or MySQL with the tables of a service.
 */
export class Site {
  readonly folder: string
  readonly database: TestDatabase
  readonly env: Record<string, string>

  private constructor(folder: string, database: TestDatabase, ports: Ports) {
    const { pathname, host } = new URL(database.url)
    this.folder = folder
    this.database = database
    this.env = {
      HOME: folder,
      HTTP: `http://127.0.0.1:${ports.http}`,
      TAG: 'order-service',
      LOG: join(folder, 'goloves.log'),
      DB: pathname.slice(1),
      DB_HOST: host,
      GOLOVES_STORE_URL: database.url,
      GOLOVES_GRPC_PORT: String(ports.grpc),
      GOLOVES_HTTP_PORT: String(ports.http),
      GOLOVES_SHUTDOWN_DRAIN_DELAY_MS: '0',
      GOLOVES_WORKER_LEASE_MS: '1000',
    }
  }

  /** One on a database without tables. */
  static async empty(): Promise<Site> {
    const database = await mysqlTestDatabase()
    atEnd(() => database.drop())
    const folder = newFolder()
    symlinkSync(join(PACKAGE_ROOT, 'bin'), join(folder, 'bin'))
    writeFileSync(join(folder, '.my.cnf'), clientSettings(database.url), { mode: 0o600 })
    return new Site(folder, database, await newPorts())
  }

  /** One whose database has the tables, and pools of worker ids that are not new. */
  static async migrated(): Promise<Site> {
    const site = await Site.empty()
    await site.run('bin/idgen migrate')
    await site.database.query('UPDATE leaf_worker SET expires_ms = 0')
    return site
  }

  /** Another host on the same database: ports, folder and log of its own. */
  async another(): Promise<Site> {
    const folder = newFolder()
    symlinkSync(join(PACKAGE_ROOT, 'bin'), join(folder, 'bin'))
    const site = new Site(folder, this.database, await newPorts())
    Object.assign(site.env, { GOLOVES_STORE_URL: this.env['GOLOVES_STORE_URL'] })
    return site
  }

  /** Runs a command to its end. */
  sh(command: string): Promise<Ended> {
    return this.#start(command).ended
  }

  /** As `sh`, and it goes well. @returns What it printed. @throws Error with what it said if not. */
  async run(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.sh(command)
    if (code !== 0) throw new Error(`${command}\nended with ${code}:\n${stdout}${stderr}`)
    return stdout
  }

  /** Starts a service, by a command that does not end, and waits until it is ready. Sets PID. */
  async serve(command = 'bin/idgen serve'): Promise<RunningService> {
    // As `sh` becomes the service, its process is known also where that is the parent of others.
    const line = /^((?:\S+=\S+ )*)(bin\/idgen .*)$/.exec(command)
    if (line === null) throw new Error(`This does not serve: ${command}`)
    const [, settings = '', program = ''] = line
    const started = this.#start(`echo "pid $$"; ${exported(settings)} exec ${program} 2>>"$LOG"`)
    const [, pid = ''] = await started.said(/pid (\d+)/)
    const [, grpc = '', http = ''] = await started.said(/gRPC on (\S+), HTTP on (\S+)\. Try:/)
    const service = new RunningService(started, grpc, http)
    this.env['PID'] = pid
    await eventually(
      () => service.http('GET', '/readyz'),
      ({ status }) => status === 200,
    )
    return service
  }

  /** Takes ids by way of the service of this site. @throws Error that names the code of a refusal. */
  async take(count: number, tag = this.env['TAG']): Promise<bigint[]> {
    const response = await fetch(`${this.env['HTTP']}/v1/tags/${tag}:nextIds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ count }),
    })
    const body: unknown = await response.json()
    if (!response.ok) throw new Error(Refusal.parse(body).code)
    return [...idsIn(Taken.parse(body).ranges)]
  }

  get log(): string {
    return readFileSync(this.env['LOG'] ?? '', 'utf8')
  }

  #start(command: string): Program {
    appendFileSync(this.env['LOG'] ?? '', '')
    return new Program(['-c', command], { command: 'sh', folder: this.folder, env: this.env })
  }
}

function exported(settings: string): string {
  return settings === '' ? '' : `export ${settings.trimEnd()};`
}

function newPorts(): Promise<Ports> {
  const flags = { '--grpc-port': '0', '--http-port': '0' }
  const readFile = () => ''
  return freePorts(loadSettings({ flags, env: {}, config: undefined, readFile }))
}

/** Tells the database's own clients where it is and who asks. */
function clientSettings(url: string): string {
  const { hostname, port, username, password } = new URL(url)
  const lines = ['[client]', 'protocol=tcp', `host=${hostname}`, `port=${port || 3306}`]
  const user = `user=${decodeURIComponent(username)}`
  return [...lines, user, `password="${decodeURIComponent(password)}"`, ''].join('\n')
}
