import { expect, test } from '@jest/globals'
import { isStoreUrl, parseStoreUrl } from './store-url.ts'

test.each([
  ['sqlite:./data/goloves.db', { kind: 'sqlite', file: './data/goloves.db' }],
  ['sqlite:/var/lib/a b.db', { kind: 'sqlite', file: '/var/lib/a b.db' }],
  [
    'mysql://user:p%40ss@db.example:3307/ids',
    {
      ...{ kind: 'mysql', user: 'user', password: 'p@ss', database: 'ids' },
      hosts: [{ host: 'db.example', port: 3307 }],
    },
  ],
  [
    'mysql://root@[::1]/ids?hosts=h2:3307,h3',
    {
      ...{ kind: 'mysql', user: 'root', password: '', database: 'ids' },
      hosts: [
        { host: '::1', port: 3306 },
        { host: 'h2', port: 3307 },
        { host: 'h3', port: 3306 },
      ],
    },
  ],
])('%s is understood', (url, address) => {
  expect(parseStoreUrl(url)).toEqual(address)
  expect(isStoreUrl(url)).toBe(true)
})

test.each([
  'sqlite:',
  'sqlite::memory:',
  'mysql://user:secret@host/db?host=h2',
  'postgres://user:secret@host/db',
  'mysql://user:secret@host',
  'mysql://user:secret@host/',
  'mysql://user:secret@host/db?hosts=:x',
  'mysql://user:secret@host/db?hosts=h2,me:secret@h3',
  'mysql://user:secret%zz@host/db',
  'secret',
  '',
])('%s is refused without repeating it', (url) => {
  expect(() => parseStoreUrl(url)).toThrow(TypeError)
  expect(() => parseStoreUrl(url)).not.toThrow(/secret/)
  expect(isStoreUrl(url)).toBe(false)
})
