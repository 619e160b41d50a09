/** One sentence of Overview: what is so, how sure it is, one link, and its small drawing. */
import { Link } from "wouter";
import { address } from "../../api/client";
import type { Finding } from "./findings";
import { Drawn } from "./pictures";

export function Sentence({ finding, place, open }: { finding: Finding; place: number; open(key: string): void }) {
  const { said, certainty, sample, link, picture } = finding;
  return (
    <li className="overview-sentence" data-key={finding.key}>
      <span className="micro soft overview-place" aria-hidden="true">
        {place}
      </span>
      <div>
        <p className="insight">{said.map((word, index) => (typeof word === "string" ? word : <strong key={index}>{word.strong}</strong>))}</p>
        <p className="overview-more small soft">
          {"drill" in link ? (
            <button type="button" className="link" data-figure={link.drill.shown} onClick={() => open(finding.key)}>
              {link.text}
            </button>
          ) : (
            <Link href={address(link.path, link.params)}>{link.text}</Link>
          )}
          <span className="overview-sure">
            <svg width="14" height="6" viewBox="0 0 14 6" aria-hidden="true">
              <rect x=".5" y=".5" width="13" height="5" rx="1" fill="none" stroke="var(--ink-3)" />
              <rect width={14 * certainty.fill} height="6" rx="1" fill="var(--ink-3)" />
            </svg>
            {certainty.word}, from {sample}
          </span>
        </p>
      </div>
      <div>
        <Drawn picture={picture} />
      </div>
    </li>
  );
}
