export interface Host {
  readonly host: string
  readonly port: number
}

/** Where a store is, as GOLOVES_STORE_URL says. */
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

const MYSQL_PORT = 3306

/**
 * Reads `mysql://user:password@host:3306/db?hosts=h2:3306,h3:3306` or `sqlite:./data/goloves.db`.
 *
 * @throws TypeError that says what is wrong without repeating the URL, which may hold a password.
 */
export function parseStoreUrl(url: string): StoreAddress {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return { kind: 'sqlite', file: url.slice('sqlite:'.length) }
  }
  if (!URL.canParse(url)) throw new TypeError('The store URL is no URL.')
  const parsed = new URL(url)
  if (parsed.protocol !== 'mysql:') {
    throw new TypeError('The store URL must begin with mysql:// or sqlite:.')
  }
  const database = decodeURIComponent(parsed.pathname.slice(1))
  if (database === '') throw new TypeError('The store URL names no database.')
  return {
    kind: 'mysql',
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
    hosts: [hostOf(parsed), ...moreHosts(parsed.searchParams.get('hosts') ?? '')],
  }
}

function moreHosts(list: string): Host[] {
  const names = list.split(',').filter((name) => name !== '')
  return names.map((name) => {
    if (!URL.canParse(`mysql://${name}`)) throw new TypeError('The store URL lists a wrong host.')
    return hostOf(new URL(`mysql://${name}`))
  })
}

function hostOf({ hostname, port }: URL): Host {
  if (hostname === '') throw new TypeError('The store URL names no host.')
  // A numeric IPv6 address stands in brackets in a URL, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: port === '' ? MYSQL_PORT : Number(port) }
}
