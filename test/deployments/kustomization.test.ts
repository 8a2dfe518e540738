import { basename, dirname } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { deploymentFiles, documentsOf, packageVersion, textOf } from './deployment-files.ts'
import { ofKind, only } from './kubernetes-objects.ts'

const Kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string().optional(),
  resources: z.array(z.string()),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
  configMapGenerator: z
    .array(z.strictObject({ name: z.string(), envs: z.array(z.string()) }))
    .default([]),
  images: z
    .array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() }))
    .default([]),
})

const OVERLAY = 'deployments/kubernetes/overlays/production'

function kustomization(path: string) {
  return Kustomization.parse(documentsOf(path)[0])
}

test.each(deploymentFiles('kubernetes/**/kustomization.yaml'))(
  '%s lists the files beside it',
  (path) => {
    const { resources, patches, configMapGenerator } = kustomization(path)
    const listed = [
      ...resources.filter((resource) => resource !== '../../base'),
      ...patches.map((patch) => patch.path),
      ...configMapGenerator.flatMap(({ envs }) => envs),
    ]
    const folder = dirname(path).replace('deployments/', '')
    const others = deploymentFiles(`${folder}/*`).map((file) => basename(file))
    expect(['kustomization.yaml', ...listed].toSorted()).toEqual(others)
  },
)

describe('the base', () => {
  test('generates the ConfigMap that pods are told their settings by', () => {
    const [container] = only(ofKind('Deployment')).spec.template.spec.containers
    const { configMapGenerator } = kustomization('deployments/kubernetes/base/kustomization.yaml')
    expect(container.envFrom).toEqual([{ configMapRef: { name: only(configMapGenerator).name } }])
  })
})

describe('the overlay', () => {
  const overlay = kustomization(`${OVERLAY}/kustomization.yaml`)
  const base = only(ofKind('Deployment'))

  test('builds on the base, with the image of this version from somewhere', () => {
    expect(overlay.resources).toContain('../../base')
    expect(only(overlay.images)).toMatchObject({ name: 'goloves', newTag: packageVersion() })
  })

  test('has a namespace that lets no pod do what it need not', () => {
    expect(documentsOf(`${OVERLAY}/namespace.yaml`)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: overlay.namespace,
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
    ])
    const named = textOf('deployments/kubernetes/README.md').matchAll(/--namespace (\S+)/g)
    expect(new Set([...named].map(([, name]) => name))).toEqual(new Set([overlay.namespace]))
  })

  test('changes the Deployment of the base, and spreads its pods', () => {
    const Patch = z.object({
      metadata: z.strictObject({ name: z.literal(base.metadata.name) }),
      spec: z.strictObject({
        replicas: z.number().min(base.spec.replicas),
        template: z.strictObject({
          spec: z.strictObject({
            topologySpreadConstraints: z.array(z.looseObject({ labelSelector: z.unknown() })),
            containers: z.tuple([z.strictObject({ name: z.string(), resources: z.unknown() })]),
          }),
        }),
      }),
    })
    const { template } = Patch.parse(documentsOf(`${OVERLAY}/deployment.yaml`)[0]).spec
    const { topologySpreadConstraints, containers } = template.spec
    expect(topologySpreadConstraints).toHaveLength(2)
    for (const { labelSelector } of topologySpreadConstraints) {
      expect(labelSelector).toEqual(base.spec.selector)
    }
    expect(containers[0].name).toBe(base.spec.template.spec.containers[0]['name'])
  })
})
