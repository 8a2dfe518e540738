import { resolve } from 'node:path'

interface Host {
  readonly host: string
  readonly port: number
}

/** Where a store is. */
export type StoreAddress =
  | {
      readonly kind: 'mysql'
      readonly user: string
      readonly password: string
      readonly database: string
      /** In the order in which they are tried; at least one. */
      readonly hosts: readonly [Host, ...Host[]]
    }
  | { readonly kind: 'sqlite'; readonly file: string }

const SQLITE = 'sqlite:'
const MYSQL_PORT = 3306
const HIDDEN = '***'

/**
 * Reads `mysql://user:password@host:3306/db?hosts=h2:3306,h3:3306` or `sqlite:./data/goloves.db`.
 *
 * @throws TypeError that says what is wrong without repeating the URL, which may hold a password.
 */
export function parseStoreUrl(url: string): StoreAddress {
  if (url.startsWith(SQLITE) && url !== SQLITE) {
    const file = url.slice(SQLITE.length)
    // It would be gone with the process, and the next one would hand out the same ids.
    if (file === ':memory:') throw new TypeError('The store must be a file.')
    return { kind: 'sqlite', file }
  }
  if (!URL.canParse(url)) throw new TypeError('The store URL is no URL.')
  const parsed = new URL(url)
  if (parsed.protocol !== 'mysql:') {
    throw new TypeError('The store URL must begin with mysql:// or sqlite:.')
  }
  const unknown = [...parsed.searchParams.keys()].find((key) => key !== 'hosts')
  if (unknown !== undefined) throw new TypeError('The store URL takes ?hosts= and nothing else.')
  const database = decoded(parsed.pathname.slice(1))
  if (database === '') throw new TypeError('The store URL names no database.')
  return {
    kind: 'mysql',
    user: decoded(parsed.username),
    password: decoded(parsed.password),
    database,
    hosts: [hostOf(parsed), ...moreHosts(parsed.searchParams.get('hosts') ?? '')],
  }
}

/** Whether `parseStoreUrl` can read it. */
export function isStoreUrl(url: string): boolean {
  try {
    parseStoreUrl(url)
    return true
  } catch {
    return false
  }
}

/** A store URL fit to be shown. @throws TypeError as `parseStoreUrl` does. */
export function withoutPassword(url: string): string {
  const address = parseStoreUrl(url)
  if (address.kind === 'sqlite') return url
  const shown = new URL(url)
  if (address.password !== '') shown.password = HIDDEN
  return shown.href
}

/**
 * What tells a store from others, fit to be shown: a relative file is another one in another folder.
 *
 * @throws TypeError as `parseStoreUrl` does.
 */
export function storeName(url: string): string {
  const address = parseStoreUrl(url)
  return address.kind === 'sqlite' ? resolve(address.file) : withoutPassword(url)
}

/** Names and passwords stand percent-encoded in a URL. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TypeError('The store URL has a % that no two hexadecimal digits follow.')
  }
}

function moreHosts(list: string): Host[] {
  const names = list.split(',').filter((name) => name !== '')
  return names.map((name) => {
    if (/[@/?#]/.test(name) || !URL.canParse(`mysql://${name}`)) {
      throw new TypeError('The store URL lists a wrong host.')
    }
    return hostOf(new URL(`mysql://${name}`))
  })
}

function hostOf({ hostname, port }: URL): Host {
  if (hostname === '') throw new TypeError('The store URL names no host.')
  // A numeric IPv6 address stands in brackets in a URL, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: port === '' ? MYSQL_PORT : Number(port) }
}
