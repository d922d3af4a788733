/** Short news in the corner, from anywhere in ui. Whoever shows one owns what its button does. */
import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { ApiProblem } from '#client/session/api.ts'

const manager = Toast.createToastManager()
/** Longer where somebody has to read, think and press. */
const SHOWN_MS = { news: 6_000, action: 10_000 }

export interface News {
  text: string
  action?: { label: string; run: () => void }
}

export function tell({ text, action }: News): void {
  const id = manager.add({
    description: text,
    timeout: action ? SHOWN_MS.action : SHOWN_MS.news,
    ...(action && {
      actionProps: {
        children: action.label,
        onClick: () => {
          action.run()
          manager.close(id)
        },
      },
    }),
  })
}

/** A failed request in the server's own words; anything else is a bug and keeps flying. */
export function tellProblem(problem: unknown): void {
  if (!(problem instanceof ApiProblem)) throw problem
  tell({ text: problem.message })
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast">
      <Toast.Content className="toast-content">
        <Toast.Description />
        <Toast.Action />
        <Toast.Close className="close" aria-label="Dismiss">
          <X size={15} aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}
