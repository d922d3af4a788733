/** The data of an event stream's events, from bytes that may be cut anywhere. */
import { createParser } from 'eventsource-parser'
import { ModelError } from './endpoint.ts'

/** A line that grows beyond this is not a frame of any model; nothing more of it is kept. */
export const FRAME_BYTES = 4 * 1024 * 1024

/**
 * The events of each piece as it arrives; a piece is only asked for when the last one was taken.
 * A last event without its empty line is given too: sloppy servers end with `data: [DONE]`.
 */
export async function* eventsOf(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<string[], void, void> {
  let events: string[] = []
  let tooLarge = false
  const decoder = new TextDecoder()
  const parser = createParser({
    maxBufferSize: FRAME_BYTES,
    onEvent: ({ data }) => events.push(data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') tooLarge = true
    },
  })
  const take = (text: string) => {
    parser.feed(text)
    if (tooLarge) throw new ModelError('bad-stream', 'a frame is larger than 4 MiB')
    const taken = events
    events = []
    return taken
  }

  for await (const bytes of body) {
    const taken = take(decoder.decode(bytes, { stream: true }))
    if (taken.length > 0) yield taken
  }
  yield take(`${decoder.decode()}\n\n`)
}
