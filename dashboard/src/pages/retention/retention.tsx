import { Page } from "../../parts/sheet";

export default function Retention() {
  return <Page name="Retention" headline="Retention">{null}</Page>;
}
