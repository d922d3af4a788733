/** The shape of a document while it loads, so that nothing jumps when it comes. */
export function DocumentSkeleton() {
  return (
    <div className="page" role="status" aria-label="Opening the document">
      <div className="topbar" />
      <div className="desk">
        <div className="side-place" />
        <div className="sheet">
          <SheetSkeleton />
        </div>
        <div className="margin" />
      </div>
    </div>
  )
}

export function SheetSkeleton() {
  return (
    <div className="sheet-skeleton" aria-hidden>
      <span className="bone tall" style={{ width: '52%' }} />
      {[96, 100, 91, 64, 0, 98, 94, 38].map((width, index) => (
        <span key={index} className="bone" style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}
