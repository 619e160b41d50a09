/** Settings: the project and its days, who may send and read, how long data are kept, and every setting of the server. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { chooseTheme, useTheme } from "../../frame/theme";
import { Answer } from "../../parts/answer";
import { Button } from "../../parts/button";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { useMay, useProject } from "../../state/project";
import { Keeping } from "./keeping";
import { Keys } from "./keys";
import { ProjectForm } from "./project";
import { Rules } from "./rules";
import { Tokens } from "./tokens";
import "./settings.css";

export default function Settings() {
  const project = useProject();
  const manages = useMay("manage");
  const managesAll = manages && project.me.project === null;
  return (
    <Page
      name="Settings"
      headline={`${project.name} counts days in ${project.zone} and money in ${project.currency}.`}
      lede={manages ? "What changes here holds from now on; what is stored stays as it is." : "Who manages this server can change that; you can choose how the pages look."}
    >
      <Sheet>
        <Cell span={6} first title="Project" subtitle={project.id}>
          {manages ? <ProjectForm key={project.id} /> : <ProjectFacts />}
        </Cell>
        <Cell span={3} title="Keeping">
          <Keeping />
        </Cell>
        <Cell span={3} last title="Look" subtitle="of the pages, in this browser">
          <Look />
        </Cell>
        <Cell span={12} first last title="Classes" subtitle="what makes a session of which class; other numbers are tried on past sessions before they are used">
          <Rules />
        </Cell>
        {manages && (
          <Cell span={12} first last title="Write keys" subtitle="what pages and servers send events with">
            <Keys />
          </Cell>
        )}
        {manages && (
          <Cell span={12} first last title="Tokens" subtitle="what people and programs read with">
            <Tokens />
          </Cell>
        )}
        {managesAll && (
          <Cell span={12} first last title="The server's settings" subtitle="set in footfall.toml, by environment or flag, and read at start">
            <Configuration />
          </Cell>
        )}
      </Sheet>
    </Page>
  );
}

function ProjectFacts() {
  const project = useProject();
  return (
    <p className="second">
      Days begin at midnight of {project.zone}. Money is in {project.currency}.
    </p>
  );
}

function Look() {
  const theme = useTheme();
  return (
    <div className="settings-row" role="group" aria-label="Look">
      <Button aria-pressed={theme === "light"} onClick={() => chooseTheme("light")}>
        Light
      </Button>
      <Button aria-pressed={theme === "dark"} onClick={() => chooseTheme("dark")}>
        Dark
      </Button>
      <Button look="quiet" onClick={() => chooseTheme(null)}>
        As the system
      </Button>
    </div>
  );
}

type Setting = Schema<"SettingItem">;

const COLUMNS: Column<Setting>[] = [
  { key: "name", head: "Setting", cell: (row) => <code>{row.name}</code>, sort: (row) => row.name },
  { key: "value", head: "Value", cell: (row) => <code className="settings-value">{row.value}</code>, sort: (row) => row.value },
  { key: "source", head: "From", cell: (row) => row.source, sort: (row) => row.source, wide: true },
  { key: "meaning", head: "What it is", cell: (row) => <span className="settings-meaning">{coded(row.meaning)}</span>, plain: (row) => row.meaning, wide: true },
];

/** A text in which `code` stands between backticks. */
const coded = (text: string) => text.split("`").map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>));

function Configuration() {
  const found = useAnswer<Schema<"Configuration">>("/v1/config");
  return (
    <Answer of={found} reads="the settings" height={320}>
      {({ items }) => <Table caption="Settings of the server" columns={COLUMNS} rows={items} rowKey={(row) => row.name} dense />}
    </Answer>
  );
}
