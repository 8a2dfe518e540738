import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { newFolder } from '../support/program.ts'
import { serveReady } from '../support/running-service.ts'
import { environmentOf, ofKind, only } from './kubernetes-objects.ts'

const Status = z.object({ status: z.string() })
const Probes = z.object({
  readinessProbe: z.object({ grpc: z.object({ service: z.string() }) }),
  livenessProbe: z.object({ httpGet: z.object({ path: z.string() }) }),
})

test('a service with the settings of a pod answers what its probes ask', async () => {
  const { template } = only(ofKind('Deployment')).spec
  const { readinessProbe, livenessProbe } = Probes.parse(template.spec.containers[0])
  const { GOLOVES_STORE_URL_FILE: _, ...env } = environmentOf(template)
  const url = `sqlite:${join(newFolder(), 'goloves.db')}`
  const service = await serveReady([], { env: { ...env, GOLOVES_STORE_URL: url } })
  const check = async () =>
    Status.parse(await service.ask('grpc.health.v1.Health/Check', readinessProbe.grpc)).status

  expect(await check()).toBe('SERVING')
  expect((await service.http('GET', livenessProbe.httpGet.path)).status).toBe(200)
  await service.stop()
})
