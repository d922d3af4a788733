/** The ceiling of the lane: reads a model's stream and writes each token to every subscriber. */
import { createServer } from 'node:http'

const subscribers = new Set()
let n = 0

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    stream(new URL(request.url, 'http://here').searchParams.get('model')).catch((error) => {
      process.stderr.write(`${error}\n`)
    })
    return response.end()
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 2000\n\n')
  subscribers.add(response)
  response.on('close', () => subscribers.delete(response))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))

async function stream(model) {
  const answer = await fetch(`${model}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', stream: true, messages: [] }),
  })
  let text = ''
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = (text + piece).split('\n\n')
    text = events.pop()
    for (const event of events) tell(event.slice('data: '.length))
  }
}

function tell(json) {
  if (json === '[DONE]') return
  const token = JSON.parse(json).choices[0]?.delta?.content
  if (!token) return
  const data = JSON.stringify({ run: 'run', at: Date.now(), lane: 'document', text: token })
  const event = `id: ${++n}\nevent: run.delta\ndata: ${data}\n\n`
  for (const subscriber of subscribers) subscriber.write(event)
}
