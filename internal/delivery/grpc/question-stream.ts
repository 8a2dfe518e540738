import type { Duplex } from 'node:stream'
import type { Gate } from '../gate.ts'

/** What is needed of a Duplex in object mode. */
interface Questions
  extends Pick<Duplex, 'destroyed' | 'readableEnded' | 'writableNeedDrain' | 'read' | 'write'> {
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/**
 * Answers the questions of a stream in their order, the next one looked at only when the one before
 * is answered. Whatever the other side sends or leaves unread, no more is held in memory than the
 * stream's two buffers.
 */
export class QuestionStream<Question, Answer> {
  readonly #stream: Questions
  readonly #answer: (question: Question) => Promise<Answer>
  readonly #gate: Gate
  #wake: () => void = () => {}

  /** @param answer Must not reject: a question that fails has an answer too. */
  constructor(stream: Questions, answer: (question: Question) => Promise<Answer>, gate: Gate) {
    this.#stream = stream
    this.#answer = answer
    this.#gate = gate
  }

  /**
   * Settles when the other side has asked its last question or is gone.
   *
   * @throws GolovesError SHUTTING_DOWN between two questions, once the gate is closed.
   */
  async run(): Promise<void> {
    const stream = this.#stream
    while (!stream.destroyed && !stream.readableEnded) {
      this.#gate.enter()
      const question: Question | null = stream.read()
      if (question === null) await this.#until('readable')
      else stream.write(await this.#answer(question))
      while (stream.writableNeedDrain) await this.#until('drain')
    }
  }

  /** Makes a stream that waits for a question look at the gate. */
  wake(): void {
    this.#wake()
  }

  #until(event: 'readable' | 'drain'): Promise<void> {
    const events = [event, 'end', 'close']
    return new Promise((resolve) => {
      this.#wake = () => {
        for (const name of events) this.#stream.off(name, this.#wake)
        resolve()
      }
      for (const name of events) this.#stream.on(name, this.#wake)
    })
  }
}
