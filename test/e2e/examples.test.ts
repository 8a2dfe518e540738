import { beforeAll, expect, test } from '@jest/globals'
import { type RunningService, serveReady } from '../support/running-service.ts'
import { runExample } from '../support/shown-example.ts'

// Those that need nothing but what the project has; `make test-polyglot` runs the others.

let service: RunningService

beforeAll(async () => {
  service = await serveReady()
})

test.each([
  ['curl', /^\{"id":"\d+"\}$/],
  ['typescript', /^\d+\n$/],
])('the example in %s prints an id', async (language, id) => {
  const { code, stdout, stderr } = await runExample(language, service)
  expect(`${code} ${stderr}`).toBe('0 ')
  expect(stdout).toMatch(id)
})
