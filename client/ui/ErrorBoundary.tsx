/** What is shown where the page itself broke. What was typed is in the document's own store. */
import { Component, type ReactNode } from 'react'
import { Notice } from './Notice.tsx'

export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <Notice
        title="This page stopped working"
        actions={
          <button className="button primary" type="button" onClick={() => window.location.reload()}>
            Reload
          </button>
        }
      >
        Whatever was marked as saved is on the server, and the rest is kept on this device where the
        browser allows it. Reload to go on.
      </Notice>
    )
  }
}
