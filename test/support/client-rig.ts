import { parseTagName } from '../../internal/domain/entity/tag.ts'
import { Route } from '../../pkg/client/route.ts'
import { Service } from '../../pkg/client/service.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { ScriptedTransport } from './scripted-transport.ts'
import { Answer } from './test-caller.ts'

export const TAG = parseTagName('order-service')

/** Its time stands still; its turns are those of the event loop. */
class TurningClock extends ManualClock {
  override nextTurn(): Promise<void> {
    return settled()
  }
}

/** A service of some instances, each by one or more scripted ways, on a clock that the test moves. */
export class ClientRig {
  readonly clock = new TurningClock()
  readonly transports: readonly ScriptedTransport[]
  readonly service: Service

  /** @param ways How many ways lead to each instance. */
  constructor(ways: readonly number[] = [1], deadlineMs = 1000) {
    const { clock } = this
    const random = () => 0.5
    const instances = ways.map((count) =>
      Array.from({ length: count }, () => new ScriptedTransport()),
    )
    this.transports = instances.flat()
    this.service = new Service({
      instances: instances.map((transports) =>
        transports.map((transport) => new Route({ transport, clock, random })),
      ),
      clock,
      random,
      deadlineMs,
    })
  }

  /** The way with this number, counted through all instances. */
  transport(number: number): ScriptedTransport {
    const transport = this.transports[number]
    if (transport === undefined) throw new Error(`There is no way ${number}.`)
    return transport
  }

  /** What the ways were asked so far, by number, probes left out. */
  get asked(): number[][] {
    return this.transports.map(({ attempts }) =>
      attempts.filter(({ what }) => what === 'nextIds').map(({ count }) => count),
    )
  }

  /** Asks for the first of `count` ids. */
  async ask(count = 1): Promise<Answer<bigint>> {
    const question = this.service.question()
    const answer = new Answer<bigint>(async () => {
      const [range] = await this.service.nextIds(TAG, count, question)
      return range?.first ?? 0n
    })
    await settled()
    return answer
  }
}
