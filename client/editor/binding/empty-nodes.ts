/**
 * allowEmptyNodes keeps links and lists that others' changes have emptied, until the room removes
 * them. Lexical drops an empty link or list wherever it sees one, and each page would write that
 * and the merge of the texts around it: `Read now please.now please.` with two pages (case 30.1).
 */
import { LinkNode } from '@lexical/link'
import { ListNode } from '@lexical/list'
import {
  $hasUpdateTag,
  COLLABORATION_TAG,
  HISTORIC_TAG,
  isCurrentlyReadOnlyMode,
  type LexicalNode,
} from 'lexical'

/**
 * Changes the two classes for good. It can be no subclass: Lexical makes lists and links by itself,
 * and a subclass of another type name would change the format of documents.
 */
export function allowEmptyNodes(): void {
  LinkNode.prototype.canBeEmpty = $isShowingChanges
  ListNode.prototype.canBeEmpty = $isShowingChanges as ListNode['canBeEmpty']
}

/** What a person empties goes at once, as in any editor; only what comes from the document stays. */
function $isShowingChanges(): boolean {
  if (isCurrentlyReadOnlyMode()) return false
  return $hasUpdateTag(COLLABORATION_TAG) || $hasUpdateTag(HISTORIC_TAG)
}

/** Whether this node shows nothing and waits for the room to remove it. */
export const $isEmptied = (node: LexicalNode | null): boolean =>
  (node instanceof ListNode || node instanceof LinkNode) && node.isEmpty()
