import { z } from 'zod'
import { documentsOf } from './deployment-files.ts'

const Names = z.array(z.string()).default([])

/** All that our services say of themselves: whatever else one said would have to be looked at. */
const Service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  user: z.string(),
  hostname: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: Names,
  security_opt: Names,
  environment: z.record(z.string(), z.string()).default({}),
  secrets: Names,
  volumes: Names,
  tmpfs: Names,
  ports: Names,
  networks: z.array(z.string()).default(['default']),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: Names }).optional(),
})

const ComposeFile = z.object({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean() })),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
})

export type ComposeService = z.output<typeof Service>

const SECRETS = '/run/secrets/'

export const compose = ComposeFile.parse(documentsOf('deployments/docker/compose.yaml')[0])

/** The services of our image: the instances, and what migrates for them. */
export const ours = Object.entries(compose.services).filter(
  ([, { image }]) => image.split(':')[0] === 'goloves',
)

export const instances = ours.filter(([, { command }]) => command === undefined)

export function serviceOf(name: string): ComposeService {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`There is no service ${name}.`)
  return found
}

/** The paths at which a service finds its secrets. */
export function secretFilesOf({ secrets }: ComposeService): string[] {
  return secrets.map((name) => SECRETS + name)
}

/** `source:target[:ro]`, the sources that are paths from the folder of the compose file. */
export function mountsOf({ volumes }: ComposeService) {
  return volumes.map((volume) => {
    const [source = '', target = '', mode = 'rw'] = volume.split(':')
    return { source, target, mode, isFile: source.startsWith('.') }
  })
}

/** `address:port on the host:port in the container`. */
export function portsOf({ ports }: ComposeService) {
  return ports.map((port) => {
    const [address = '', outer, inner] = port.split(':')
    return { address, outer: Number(outer), inner: Number(inner) }
  })
}
