import { describe, expect, test } from '@jest/globals'
import { SETTINGS } from './setting.ts'

describe('the names of settings', () => {
  test('follow from their paths', () => {
    const named = SETTINGS.find(({ name }) => name === 'maxMessageBytes')
    expect(named?.variable).toBe('GOLOVES_GRPC_MAX_MESSAGE_BYTES')
    expect(named?.flag).toBe('--grpc-max-message-bytes')
    const alone = SETTINGS.find(({ path }) => path === 'workers')
    expect(alone).toMatchObject({ variable: 'GOLOVES_WORKERS', flag: '--workers' })
  })

  test.each(['variable', 'flag'] as const)('no two settings share a %s', (kind) => {
    expect(new Set(SETTINGS.map((setting) => setting[kind])).size).toBe(SETTINGS.length)
  })
})
