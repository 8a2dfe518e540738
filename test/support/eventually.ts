import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 20
const LIMIT_MS = 15_000

/**
 * Asks again and again until the answer is as wanted: for what the program does not announce.
 *
 * @returns That answer. @throws Error with the last one if that takes longer than `limitMs`.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
  limitMs = LIMIT_MS,
): Promise<Answer> {
  const endMs = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > endMs) throw new Error(`To the end it was ${JSON.stringify(answer)}.`)
    await pause(PAUSE_MS)
  }
}
