/** A whole page that says one thing: what happened, what is safe, what to do. */
import type { ReactNode } from 'react'
import { Mark } from './Mark.tsx'

interface NoticeProps {
  title: string
  children: ReactNode
  actions: ReactNode
}

export function Notice({ title, children, actions }: NoticeProps) {
  return (
    <main className="notice">
      <Mark />
      <h1>{title}</h1>
      <p>{children}</p>
      <div className="notice-actions">{actions}</div>
    </main>
  )
}
