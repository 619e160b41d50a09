import { Page } from "../../parts/sheet";

export default function Health() {
  return <Page name="Health" headline="Health">{null}</Page>;
}
