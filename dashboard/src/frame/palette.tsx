/** `⌘K`: finds a page by its name, or goes to a person or a session by its id. */
import { useState, type KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { Key } from "../parts/words";
import { useProject } from "../state/project";
import { Dialog } from "./dialog";
import { PLACES } from "./places";

interface Found {
  name: string;
  note: string;
  href: string;
}

export function Palette({ close, heading = "Find or go to" }: { close: () => void; heading?: string }) {
  const [, go] = useLocation();
  const { me } = useProject();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = text.trim();
  const pages: Found[] = PLACES.filter((place) => !place.hidden && (!place.needs || me.permissions.includes(place.needs)))
    .filter((place) => place.name.toLowerCase().includes(asked.toLowerCase()))
    .map((place) => ({ name: place.name, note: place.letter ? `G ${place.letter.toUpperCase()}` : place.group, href: place.path }));
  const found: Found[] = asked
    ? [...pages, { name: `People like “${asked}”`, note: "search", href: `/people?q=${encodeURIComponent(asked)}` }, { name: `Session ${asked}`, note: "open", href: `/sessions/${encodeURIComponent(asked)}` }]
    : pages;
  const chosen = Math.min(at, found.length - 1);
  const open = (one: Found | undefined): void => {
    if (!one) return;
    close();
    go(one.href);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setAt((chosen + step + found.length) % found.length);
    else if (event.key === "Enter") open(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={heading} close={close}>
      <input
        className="palette-field"
        type="search"
        role="combobox"
        aria-label={heading}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${chosen}`}
        placeholder="A page, a person's id, a session"
        value={text}
        autoFocus
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="palette-list" role="listbox" aria-label="What was found" className="palette">
        {found.map((one, index) => (
          <li key={one.href} id={`palette-${index}`} role="option" aria-selected={index === chosen} onClick={() => open(one)} onMouseMove={() => setAt(index)}>
            {one.name}
            {one.note && <Key>{one.note}</Key>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
