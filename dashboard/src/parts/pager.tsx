/** From page to page of a long list: the cursor stands in the address. */
import { useView } from "../state/view";
import { Button } from "./button";

/** `next` is the answer's cursor, null on the last page; `size` is how many a page has. */
export function Pager({ next, size }: { next: string | null; size: number }) {
  const view = useView();
  return (
    <div className="pager">
      {view.get("cursor") !== null && <Button onClick={() => view.set({ cursor: null })}>First page</Button>}
      {next !== null && <Button onClick={() => view.set({ cursor: next })}>Next {size}</Button>}
    </div>
  );
}
