/** Hosts that a filter names must exist. */
import type { Filter, FilterNode } from '../filter/syntax.ts';
import type { CheckContext, Path } from './context.ts';

export function checkFilter(context: CheckContext, path: Path, filter: Filter | null): void {
  if (filter !== null) visit(context, path, filter.root);
}

function visit(context: CheckContext, path: Path, node: FilterNode): void {
  if (node.kind === 'host') context.address(path, node);
  else if (node.kind === 'not') visit(context, path, node.of);
  else if (node.kind === 'and' || node.kind === 'or') {
    visit(context, path, node.left);
    visit(context, path, node.right);
  }
}
