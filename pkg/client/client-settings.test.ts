import { describe, expect, test } from '@jest/globals'
import type { ClientOptions, LeaseOptions } from './client-options.ts'
import { settingsOf } from './client-settings.ts'
import { createClient } from './create-client.ts'

const target = { grpc: 'host:50051', http: 'http://host:8080' }

test('what is not given has a default', () => {
  expect(settingsOf({ targets: [target] })).toEqual({
    targets: [{ grpc: 'host:50051', http: new URL('http://host:8080') }],
    way: 'merge',
    deadlineMs: 5000,
    heldMax: 100_000,
  })
})

test.each(['host:50051', '127.0.0.1:1', '[::1]:50051', 'id.internal.example:443'])(
  '%s is an address of gRPC',
  (grpc) => {
    expect(settingsOf({ targets: [{ grpc }] }).targets).toEqual([{ grpc, http: undefined }])
  },
)

describe('what is wrong is named:', () => {
  test.each<[string, ClientOptions | LeaseOptions]>([
    ['targets', { targets: [] }],
    ['targets', { targets: [target, {}] }],
    ['grpc', { targets: [{ grpc: 'http://host:50051' }] }],
    ['grpc', { targets: [{ grpc: 'host' }] }],
    ['http', { targets: [{ http: 'host:8080' }] }],
    ['http', { targets: [{ http: 'https://host:8080' }] }],
    ['http', { targets: [{ http: '' }] }],
    ['deadlineMs', { targets: [target], deadlineMs: 0 }],
    ['deadlineMs', { targets: [target], deadlineMs: Number.NaN }],
    ['deadlineMs', { targets: [target], deadlineMs: 600_001 }],
    ['heldMax', { targets: [target], way: 'lease', heldMax: 0.5 }],
    ['heldMax', { targets: [target], way: 'lease', heldMax: 100_000_001 }],
  ])('%s in %j', (option, options) => {
    expect(() => createClient(options)).toThrow(RangeError)
    expect(() => createClient(options)).toThrow(new RegExp(`^(targets: )?${option}`))
  })

  test('what the types do not allow, too', () => {
    const options = (given: object) => ({ targets: [target], ...given })
    expect(() => createClient(options({ way: 'fast' }))).toThrow('"fast"')
    expect(() => createClient(options({ way: 'direct', heldMax: 5 }))).toThrow('heldMax')
  })
})
