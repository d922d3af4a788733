/** The product's mark. Names nothing: whatever it stands in says what it is. */
import mark from './mark.svg'

export function Mark({ size = 28 }: { size?: number }) {
  return <img className="mark" src={mark} alt="" width={size} height={size} />
}
