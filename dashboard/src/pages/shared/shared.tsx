/** What somebody with a link sees, without a log-in and without the frame: one dashboard or question, read-only. */
import { useParams } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Drawn, type Answers } from "../../parts/drawn";
import { Page, Sheet } from "../../parts/sheet";
import type { Asked } from "../../state/asked";
import { when } from "../../words/times";
import { Tile } from "../dashboards/tile";
import { placed } from "../dashboards/rows";

export default function Shared() {
  const { secret = "" } = useParams<{ secret: string }>();
  const path = `/v1/shared/${encodeURIComponent(secret)}`;
  const shown = useAnswer<Schema<"SharedItem">>(path);
  if (shown.isError)
    return (
      <main>
        <Page name="Shared" headline="This link shows nothing.">
          <Nothing>It has ended, was taken back, or never was. Ask who gave it to you for another one.</Nothing>
        </Page>
      </main>
    );
  if (!shown.data) return <main aria-busy="true" />;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <main>
      <Page name={shown.data.name} headline={shown.data.name} lede={`Shared from Footfall until ${when(shown.data.ends, zone)}.`}>
        <Sheet>
          {placed(shown.data.tiles).map(({ tile, first, last }, place) => (
            <Tile key={place} title={tile.title} width={tile.width} first={first} last={last}>
              <SharedAnswer path={`${path}/tiles/${place}`} tile={tile} />
            </Tile>
          ))}
        </Sheet>
      </Page>
    </main>
  );
}

function SharedAnswer({ path, tile }: { path: string; tile: Schema<"SharedTile"> }) {
  const answer = useAnswer<Answers[Asked["kind"]]>(path);
  return (
    <Answer of={answer} reads={tile.title} height={240}>
      {(data) => <Drawn kind={tile.kind} answer={data} title={tile.title} form={tile.form} />}
    </Answer>
  );
}
