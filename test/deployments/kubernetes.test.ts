import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { SERVICES } from '../../internal/delivery/grpc/contract.ts'
import { probeRoutes } from '../../internal/delivery/http/probe-routes.ts'
import { settingsIn, stopMs } from './deployed-settings.ts'
import { packageVersion, textOf } from './deployment-files.ts'
import {
  environmentOf,
  objects,
  ofKind,
  only,
  type Pod,
  secretFilesOf,
  selects,
} from './kubernetes-objects.ts'

const NAME = { 'app.kubernetes.io/name': 'goloves' }
const SERVER = { ...NAME, 'app.kubernetes.io/component': 'server' }

const deployment = only(ofKind('Deployment'))
const job = only(ofKind('Job'))
const server = deployment.spec.template
const pods: [string, Pod][] = [
  ['a pod that serves', server],
  ['a pod that migrates', job.spec.template],
]

function settingsOf(pod: Pod) {
  return settingsIn(environmentOf(pod), secretFilesOf(pod))
}

test('the base has all that it takes', () => {
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Deployment goloves',
    'Job goloves-migrate',
    'NetworkPolicy goloves',
    'NetworkPolicy goloves-callers',
    'PodDisruptionBudget goloves',
    'ServiceAccount goloves',
    'Service goloves-grpc',
    'Service goloves-http',
  ])
  for (const { metadata } of objects) expect(selects(NAME, metadata.labels)).toBe(true)
})

describe.each(pods)('%s', (_, pod) => {
  const [container] = pod.spec.containers

  test('runs the image of this version', () => {
    expect(container.image).toBe(`goloves:${packageVersion()}`)
  })

  test('may do nothing that it need not', () => {
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
    expect(pod.spec).not.toMatchObject({ securityContext: { runAsUser: 0 } })
    expect(container['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    for (const shared of ['hostNetwork', 'hostPID', 'hostIPC'])
      expect(pod.spec).not.toHaveProperty(shared)
  })

  test('is told its settings by us alone, and they are accepted', () => {
    // Kubernetes would name variables after our Services that begin as settings do.
    expect(pod.spec).toHaveProperty('enableServiceLinks', false)
    expect(parseStoreUrl(settingsOf(pod).store.url).kind).toBe('mysql')
  })

  test('reads its secret from a file that its user alone can read', () => {
    const { name, secret } = only(pod.spec.volumes)
    expect(secret).toMatchObject({ secretName: 'goloves-store', defaultMode: 0o440 })
    expect(only(container.volumeMounts).name).toBe(name)
    expect(environmentOf(pod)).not.toHaveProperty('GOLOVES_STORE_URL')
    expect(pod.spec).toMatchObject({ securityContext: { fsGroup: expect.any(Number) } })
  })

  test('has a limit of memory', () => {
    expect(container).toMatchObject({
      resources: {
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.stringMatching(/^\d+[MG]i$/) },
      },
    })
  })
})

describe('the Deployment', () => {
  const [container] = server.spec.containers
  const settings = settingsOf(server)

  test('never has fewer pods than it should while it rolls', () => {
    expect(deployment.spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    })
    expect(deployment.spec.replicas).toBeGreaterThan(1)
  })

  test('serves, on the ports that it names', () => {
    expect(container.args).toEqual(['serve'])
    expect(container.ports).toEqual([
      { name: 'grpc', containerPort: settings.grpc.port },
      { name: 'http', containerPort: settings.http.port },
    ])
    expect([settings.grpc.host, settings.http.host]).toEqual(['0.0.0.0', '0.0.0.0'])
  })

  test('asks for readiness what the program answers', () => {
    const Probe = z.looseObject({ grpc: z.strictObject({ port: z.number(), service: z.string() }) })
    const { grpc } = Probe.parse(container['readinessProbe'])
    expect(grpc.port).toBe(settings.grpc.port)
    expect(SERVICES).toContain(grpc.service)
  })

  test('asks for life what answers while there is no store', () => {
    const Probe = z.looseObject({ httpGet: z.strictObject({ port: z.string(), path: z.string() }) })
    const { httpGet } = Probe.parse(container['livenessProbe'])
    expect(httpGet.port).toBe('http')
    const unready = probeRoutes(
      async () => ({ ready: false, reason: 'no store' }),
      async () => '',
      {},
    )
    const alive = unready.find(({ path }) => path === '/healthz')
    expect(httpGet.path).toBe(alive?.path)
  })

  test('has time to stop, and for the cluster to take note', () => {
    const graceMs = (server.spec.terminationGracePeriodSeconds ?? 30) * 1000
    expect(graceMs).toBeGreaterThan(stopMs(settings))
    expect(settings.shutdown.drainDelayMs).toBeGreaterThanOrEqual(5000)
    expect(container).not.toHaveProperty('lifecycle')
  })

  test('has an account of its own', () => {
    expect(server.spec.serviceAccountName).toBe(only(ofKind('ServiceAccount')).metadata.name)
  })
})

test('the Job migrates, and needs nothing of the base but its secret', () => {
  const [container] = job.spec.template.spec.containers
  expect(container).toMatchObject({ args: ['migrate'], envFrom: [] })
  expect(job.spec.template.spec).not.toHaveProperty('serviceAccountName')
  expect(selects({ 'app.kubernetes.io/component': 'migrate' }, job.metadata.labels)).toBe(true)
})

describe('what selects pods by their labels', () => {
  const selectors: [string, Readonly<Record<string, string>>][] = [
    ['the Deployment', deployment.spec.selector.matchLabels],
    ...ofKind('Service').map(({ metadata, spec }): [string, Record<string, string>] => [
      metadata.name,
      spec.selector,
    ]),
    ['the PodDisruptionBudget', only(ofKind('PodDisruptionBudget')).spec.selector.matchLabels],
    ['who may call', policy('goloves-callers').podSelector.matchLabels],
  ]

  test.each(selectors)('%s means those that serve, and no others', (_, selector) => {
    expect(selector).toEqual(SERVER)
    expect(selects(selector, server.metadata.labels)).toBe(true)
    expect(selects(selector, job.spec.template.metadata.labels)).toBe(false)
  })

  test('the policy of all means both kinds of pods', () => {
    const { matchLabels } = policy('goloves').podSelector
    for (const [, { metadata }] of pods) expect(selects(matchLabels, metadata.labels)).toBe(true)
  })
})

describe('the Services', () => {
  const { ports } = server.spec.containers[0]

  test.each(ofKind('Service'))('$metadata.name leads to a port that pods have', ({ spec }) => {
    const { port, targetPort } = only(spec.ports)
    expect(ports).toContainEqual({ name: targetPort, containerPort: port })
  })

  test('for gRPC is headless, and for HTTP is not', () => {
    const addresses = ofKind('Service').map(({ metadata, spec }) => [metadata.name, spec.clusterIP])
    expect(addresses).toEqual([
      ['goloves-grpc', 'None'],
      ['goloves-http', undefined],
    ])
  })

  test('are called by the names that the README gives, on their ports', () => {
    const readme = textOf('deployments/kubernetes/README.md')
    const named = [...readme.matchAll(/([a-z-]+)\.goloves\.svc\.cluster\.local(?::(\d+))?/g)]
    expect(new Set(named.map(([, name]) => name))).toEqual(
      new Set(['goloves-grpc', 'goloves-http']),
    )
    for (const [, name, port] of named) {
      const service = ofKind('Service').find(({ metadata }) => metadata.name === name)
      if (port !== undefined) expect(service?.spec.ports[0]?.port).toBe(Number(port))
    }
  })
})

describe('the NetworkPolicies', () => {
  const portNumbers = (ports: readonly { port: string | number }[]) => ports.map(({ port }) => port)

  test('let nobody in and nothing out, unless they say so', () => {
    expect(policy('goloves')).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] })
    expect(policy('goloves-callers')).toMatchObject({ policyTypes: ['Ingress'], egress: [] })
  })

  test('let out what goes to the database or to DNS', () => {
    const out = policy('goloves').egress.map(({ ports }) => portNumbers(ports))
    expect(out).toEqual([[3306], [53, 53]])
  })

  test('let in who may call, to both ports, and Prometheus to that of HTTP', () => {
    const [callers, prometheus, ...others] = policy('goloves-callers').ingress
    expect(portNumbers(callers?.ports ?? [])).toEqual(['grpc', 'http'])
    expect(callers?.from).toEqual([
      { namespaceSelector: { matchLabels: { 'goloves/may-call': 'true' } } },
    ])
    expect(portNumbers(prometheus?.ports ?? [])).toEqual(['http'])
    expect(prometheus?.from[0]?.podSelector?.matchLabels).toEqual({
      'app.kubernetes.io/name': 'prometheus',
    })
    expect(others).toEqual([])
    expect(textOf('deployments/kubernetes/README.md')).toContain('goloves/may-call=true')
  })
})

function policy(name: string) {
  return only(ofKind('NetworkPolicy').filter(({ metadata }) => metadata.name === name)).spec
}
