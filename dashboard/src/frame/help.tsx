/** `?`: every key. */
import { Button } from "../parts/button";
import { Key } from "../parts/words";
import { Dialog } from "./dialog";
import { PLACES } from "./places";

const KEYS: readonly [string, string][] = [
  ["⌘K", "find a page, a person or a session"],
  ["/", "the same"],
  ["R", "choose the range"],
  ["Esc", "close what is open"],
  ["→", "the next bar, while its people are open"],
  ["Space", "pause Live"],
  ["J, K", "earlier and later, in a session"],
  ["?", "this list"],
];

export function KeyHelp({ close }: { close: () => void }) {
  const going = PLACES.filter((place) => place.letter).map((place): [string, string] => [`G ${place.letter?.toUpperCase() ?? ""}`, place.name]);
  return (
    <Dialog label="Keys" close={close}>
      <h2 className="dialog-head">Keys</h2>
      <dl className="keys">
        {[...KEYS, ...going].map(([key, does]) => (
          <div key={key}>
            <dt>
              <Key>{key}</Key>
              <span className="sr">{key}</span>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Button onClick={close}>Close</Button>
    </Dialog>
  );
}
