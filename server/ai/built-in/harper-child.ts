/**
 * The proofreader's own process: harper.js, whose 260 MB go when it is idle. Reads one request at
 * a time from the parent, and ends with it.
 */
import {
  createBinaryModuleFromUrl,
  Dialect,
  type Lint,
  LocalLinter,
  SuggestionKind,
} from 'harper.js'
import { correct, type Finding } from './corrections.ts'
import { type LintAnswer, LintRequest, type Ready } from './harper-messages.ts'

const module = new URL('harper_wasm_slim_bg.wasm', import.meta.resolve('harper.js'))
const linter = new LocalLinter({
  binary: createBinaryModuleFromUrl(module.href),
  dialect: Dialect.American,
})
/** When so many words are unknown, names aside, it is not English with mistakes. */
const FOREIGN_SHARE = 0.4
let dialect: LintRequest['dialect'] = 'american'

process.on('disconnect', () => process.exit(0))

let queue: Promise<void> = linter.setup().then(() => {
  process.send?.({ ready: true } satisfies Ready)
})
process.on('message', (message) => {
  const request = LintRequest.parse(message)
  // A failure ends the process; the parent sees that and says so.
  queue = queue.then(() => answer(request))
})

async function answer({ id, text, dialect: wanted }: LintRequest): Promise<void> {
  if (wanted !== dialect) {
    await linter.setDialect(wanted === 'british' ? Dialect.British : Dialect.American)
    dialect = wanted
  }
  const lints = await linter.lint(text, { language: 'plaintext' })
  const findings = lints.map(findingOf)
  const unknown = findings.filter(
    ({ kind, problem }) => kind === 'Spelling' && /^\p{Ll}/u.test(problem),
  ).length
  // Its own guess takes a short sentence with two mistakes for another language.
  const english =
    unknown < text.trim().split(/\s+/).length * FOREIGN_SHARE ||
    (await linter.isLikelyEnglish(text))
  const corrected = correct(text, findings)
  process.send?.({ id, corrected, english } satisfies LintAnswer)
}

function findingOf(lint: Lint): Finding {
  const span = lint.span()
  const finding: Finding = {
    kind: lint.lint_kind(),
    problem: lint.get_problem_text(),
    from: span.start,
    to: span.end,
    replacements: lint.suggestions().map((suggestion) => ({
      kind: KINDS[suggestion.kind()],
      text: suggestion.get_replacement_text(),
    })),
  }
  span.free()
  lint.free()
  return finding
}

const KINDS = {
  [SuggestionKind.Replace]: 'replace',
  [SuggestionKind.Remove]: 'remove',
  [SuggestionKind.InsertAfter]: 'insert-after',
} as const
