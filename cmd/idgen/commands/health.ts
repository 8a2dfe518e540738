import type { Command } from 'commander'
import { z } from 'zod'
import { ServiceFailure } from '../client.ts'
import type { CommandContext } from '../command-context.ts'

const reply = z.object({ status: z.string() })

/** `idgen health`: prints SERVING, or fails with what the running service says instead. */
export function addHealth(program: Command, { withService, print }: CommandContext): void {
  program
    .command('health')
    .description('ask whether the running service is ready')
    .action(async () => {
      const { status } = await withService((service) =>
        service.ask('grpc.health.v1.Health/Check', { service: '' }, reply),
      )
      if (status !== 'SERVING') throw new ServiceFailure(status)
      print(status)
    })
}
