import { z } from 'zod'
import { deploymentFiles, documentsOf, textOf, variablesIn } from './deployment-files.ts'

const Labels = z.record(z.string(), z.string())
const Selector = z.strictObject({ matchLabels: Labels })
const Port = z.looseObject({ name: z.string().optional(), port: z.union([z.string(), z.number()]) })
const Peer = z.strictObject({
  namespaceSelector: Selector,
  podSelector: Selector.optional(),
})
const Mount = z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true) })

const Container = z.looseObject({
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  envFrom: z
    .array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) }))
    .default([]),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })).default([]),
  volumeMounts: z.array(Mount),
})

const Volume = z.strictObject({
  name: z.string(),
  secret: z.strictObject({
    secretName: z.string(),
    defaultMode: z.number(),
    items: z.array(z.strictObject({ key: z.string(), path: z.string() })),
  }),
})

const PodSpec = z.looseObject({
  serviceAccountName: z.string().optional(),
  terminationGracePeriodSeconds: z.number().optional(),
  containers: z.tuple([Container]),
  volumes: z.array(Volume),
})

const Metadata = z.strictObject({ name: z.string(), labels: Labels.default({}) })
const PodTemplate = z.strictObject({
  metadata: z.strictObject({ labels: Labels }),
  spec: PodSpec,
})
const Named = { apiVersion: z.string(), metadata: Metadata }

const Deployment = z.strictObject({
  ...Named,
  kind: z.literal('Deployment'),
  spec: z.looseObject({ replicas: z.number(), selector: Selector, template: PodTemplate }),
})
const Job = z.strictObject({
  ...Named,
  kind: z.literal('Job'),
  spec: z.looseObject({ template: PodTemplate }),
})
const Service = z.strictObject({
  ...Named,
  kind: z.literal('Service'),
  spec: z.looseObject({
    clusterIP: z.string().optional(),
    selector: Labels,
    ports: z.array(Port.extend({ targetPort: z.string() })),
  }),
})
const Budget = z.strictObject({
  ...Named,
  kind: z.literal('PodDisruptionBudget'),
  spec: z.looseObject({ selector: Selector }),
})
const Policy = z.strictObject({
  ...Named,
  kind: z.literal('NetworkPolicy'),
  spec: z.strictObject({
    podSelector: Selector,
    policyTypes: z.array(z.string()),
    ingress: z.array(z.strictObject({ from: z.array(Peer), ports: z.array(Port) })).default([]),
    egress: z.array(z.strictObject({ to: z.array(Peer), ports: z.array(Port) })).default([]),
  }),
})
const Account = z.strictObject({
  ...Named,
  kind: z.literal('ServiceAccount'),
  automountServiceAccountToken: z.literal(false),
})

const KubernetesObject = z.discriminatedUnion('kind', [
  Deployment,
  Job,
  Service,
  Budget,
  Policy,
  Account,
])

type Kind = z.output<typeof KubernetesObject>['kind']
export type Pod = z.output<typeof PodTemplate>
export type Labelled = Readonly<Record<string, string>>

const FOLDER = 'kubernetes/base'

/** Every object of the base, as it stands in the files. */
export const objects = deploymentFiles(`${FOLDER}/*.yaml`)
  .filter((path) => !path.endsWith('kustomization.yaml'))
  .flatMap(documentsOf)
  .map((document) => KubernetesObject.parse(document))

/** The objects of one kind. */
export function ofKind<K extends Kind>(kind: K) {
  return objects.filter(
    (one): one is Extract<z.output<typeof KubernetesObject>, { kind: K }> => one.kind === kind,
  )
}

/** @throws Error unless there is exactly one. */
export function only<One>(found: readonly One[]): One {
  const [one] = found
  if (one === undefined || found.length > 1) throw new Error(`There are ${found.length} of it.`)
  return one
}

/** What a pod's container is told, by itself and by the generated ConfigMap. */
export function environmentOf({ spec }: Pod): Record<string, string> {
  const { env, envFrom } = spec.containers[0]
  const shared = envFrom.length > 0 ? textOf(`deployments/${FOLDER}/settings.env`).split('\n') : []
  return {
    ...variablesIn(shared),
    ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
  }
}

/** The paths at which a pod's container finds its secrets. */
export function secretFilesOf({ spec }: Pod): string[] {
  return spec.containers[0].volumeMounts.flatMap(({ name, mountPath }) => {
    const volume = spec.volumes.find((one) => one.name === name)
    return volume?.secret.items.map(({ path }) => `${mountPath}/${path}`) ?? []
  })
}

/** Whether a selector means these labels. */
export function selects(selector: Labelled, labels: Labelled): boolean {
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value)
}
